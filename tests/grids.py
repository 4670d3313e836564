"""The layers and the options that the tests of the NumPy half go through, in tables."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from rnn_book.numpy import GRU, LSTM, RNN
from rnn_book.numpy.variants import (
    CoupledLSTM,
    LayerNormGRU,
    LayerNormLSTM,
    LayerNormRNN,
    NoForgetGateLSTM,
    PeepholeLSTM,
)


@dataclass(frozen=True)
class Kind:
    """One kind of layer: how to build it, and what it has."""

    layer: Any
    states: int
    gates: int
    candidate: bool = True
    forget_row: int | None = None
    options: tuple[tuple[str, Any], ...] = ()


KINDS = {
    "rnn_tanh": Kind(RNN, 1, 1, candidate=False),
    "rnn_relu": Kind(RNN, 1, 1, candidate=False, options=(("nonlinearity", "relu"),)),
    "lstm": Kind(LSTM, 2, 4, forget_row=1),
    "gru": Kind(GRU, 1, 3),
    "gru_reset_before": Kind(GRU, 1, 3, options=(("reset_after", False),)),
    "peephole_lstm": Kind(PeepholeLSTM, 2, 4, forget_row=1),
    "coupled_lstm": Kind(CoupledLSTM, 2, 3, forget_row=0),
    "no_forget_gate_lstm": Kind(NoForgetGateLSTM, 2, 3),
    "layer_norm_rnn": Kind(LayerNormRNN, 1, 1, candidate=False),
    "layer_norm_rnn_relu": Kind(
        LayerNormRNN, 1, 1, candidate=False, options=(("nonlinearity", "relu"),)
    ),
    "layer_norm_lstm": Kind(LayerNormLSTM, 2, 4, forget_row=1),
    "layer_norm_gru": Kind(LayerNormGRU, 1, 3),
}
STOCK = ("rnn_tanh", "rnn_relu", "lstm", "gru")
FAST = STOCK
"""Kinds with a fast kernel."""

# Regularisers, and what else changes the way through the machine. "training" is the mode.
REGULARISERS: dict[str, dict[str, Any]] = {
    "dropout": {"dropout": 0.4},
    "state": {"recurrent_dropout": 0.4},
    "update": {"recurrent_dropout": 0.4, "recurrent_dropout_on": "update"},
    "zoneout": {"zoneout": 0.3},
    "zoneout_pair": {"zoneout": (0.2, 0.5)},
    "zoneout_c": {"zoneout": (0.0, 0.5)},
    "weight_drop": {"weight_drop": 0.4},
}
OTHERS: dict[str, dict[str, Any]] = {
    "no_bias": {"bias": False},
    "forget_bias": {"forget_bias": 1.5},
    "checkpoint": {"checkpoint": True},
}
OPTIONS = {"plain": {}, **REGULARISERS, **OTHERS}


def fits(kind: str, options: dict[str, Any]) -> bool:
    """Tell whether a kind has what the options act on."""
    found = KINDS[kind]
    return (
        (found.candidate or options.get("recurrent_dropout_on") != "update")
        and (found.states == 2 or not isinstance(options.get("zoneout"), tuple))
        and (found.forget_row is not None or "forget_bias" not in options)
        and not ("forget_bias" in options and not options.get("bias", True))
    )


def cases(names: list[str], table: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """Every kind with every row of the table that it has."""
    return [
        (kind, name) for kind in names for name, options in table.items() if fits(kind, options)
    ]


def pairs(table: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every two rows of a table that do not set the same option, as one."""
    return {
        f"{a}-{b}": table[a] | table[b]
        for a, b in combinations(table, 2)
        if not table[a].keys() & table[b].keys()
    }


def initial(kind: str, input_size: int = 3, hidden_size: int = 4, *, rng: Any = 1, **options: Any):
    """Build a float64 layer, as it is initialised."""
    options = {"dtype": np.float64, **dict(KINDS[kind].options), **options}
    return KINDS[kind].layer(input_size, hidden_size, rng=rng, **options)


def build(kind: str, *sizes: int, **options: Any):
    """Build a float64 layer, with parameters that no initialisation makes special."""
    layer = initial(kind, *sizes, **options)
    noise = np.random.default_rng(2)
    for parameter in layer.parameters.values():
        parameter += noise.normal(0, 0.8 * layer.hidden_size**-0.5, parameter.shape)
    return layer


def data(layer, steps=4, batch=3, *, seed=3, unbatched=False):
    """Return x and hx for a layer, normally distributed, in its dtype."""
    rng = np.random.default_rng(seed)
    batch_shape = () if unbatched else (batch,)
    shape = (steps, *batch_shape, layer.input_size)
    if layer.batch_first and not unbatched:
        shape = (batch, steps, layer.input_size)
    x = rng.standard_normal(shape).astype(layer.dtype)
    count = layer.num_layers * layer.directions
    shape = (count, *batch_shape, layer.hidden_size)
    states = [rng.standard_normal(shape).astype(layer.dtype) for _ in layer.cell.states]
    return x, pack(states)


def upstream(output, state, seed=4):
    """Return random gradients for what a layer returned."""
    rng = np.random.default_rng(seed)
    draw = [rng.standard_normal(a.shape).astype(a.dtype) for a in (output, *parts(state))]
    return draw[0], pack(draw[1:])


def parts(state):
    """Return the states as a tuple, also where a layer has one alone."""
    return tuple(state) if isinstance(state, tuple | list) else (state,)


def pack(states):
    """Return the states in the form in which a layer takes them."""
    return tuple(states) if len(states) > 1 else states[0]
