"""What goes on inside a NumPy layer: gates and states of every step, gradients by lag."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.draws import Rng, generator
from rnn_book.numpy.functions import Array
from rnn_book.numpy.recurrent import Recurrent

__all__ = ["lag_norms", "record"]


def record(layer: Any, x: Any, hx: Any = None, lengths: Any = None) -> dict[str, dict[str, Array]]:
    """Gates and states of every step, as `rnn_book.record_gates` describes them."""
    forward = _evaluate(layer, x, hx, lengths)
    cell, found = layer.cell, {}
    for k, (suffix, sweep) in enumerate(zip(layer.suffixes, forward.sweeps, strict=True)):
        steps = [step for _, made in sweep.steps for step in made]
        named = {
            name: [saved[position] for _, _, saved in steps]
            for position, name in enumerate(cell.recorded)
        }
        # Each step holds the states that it started from: those after it are the next one's.
        after = [*(state for state, _, _ in steps[1:]), sweep.final]
        for position, name in reversed(list(enumerate(cell.states))):
            named[name] = [state[position] for state in after]
        arrays = {name: forward.select(np.stack(values)) for name, values in named.items()}
        if k % layer.directions == 1:
            arrays = {name: forward.reverse(value) for name, value in arrays.items()}
        found[suffix] = arrays
    return found


def lag_norms(layer: Any, x: Any, rng: Rng) -> Array:
    """Norms of the gradient of the last state, as `rnn_book.gradient_by_lag` describes them."""
    _check(layer)
    if layer.num_layers != 1 or layer.bidirectional:
        raise ValueError(
            f"layer must have one layer and one direction, got num_layers={layer.num_layers}, "
            f"bidirectional={layer.bidirectional}"
        )
    (sweep,) = _evaluate(layer, x, None, None).sweeps
    steps, u = len(sweep.x), generator(rng).standard_normal(layer.hidden_size)
    u = (u / np.linalg.norm(u)).astype(layer.dtype)
    d_final = [np.zeros_like(s) for s in sweep.final]
    d_final[0] += u
    norms = np.ones(steps + 1)

    def measure(t: int, d_state: list[Array]) -> None:
        squares = sum(np.sum(np.square(d, dtype=np.float64), axis=-1) for d in d_state)
        norms[steps - t] = np.sqrt(np.mean(squares))

    sweep.backward(None, d_final, measure)
    return norms


def _check(layer: Any) -> None:
    if not isinstance(layer, Recurrent):
        raise TypeError(
            "layer must be a recurrent layer of rnn_book.numpy, rnn_book.torch or torch.nn, got "
            f"{type(layer).__name__}"
        )


def _evaluate(layer: Any, x: Any, hx: Any, lengths: Any) -> Any:
    """What one forward in evaluation leaves; the layer stays as it was."""
    _check(layer)
    return layer._forward(x, hx, lengths, training=False, checkpoint=False)[2]
