"""Look inside a recurrent layer: every gate and every state, ours or a stock torch.nn one."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book import numpy as engine
from rnn_book.numpy import variants
from rnn_book.numpy.modules import as_array
from rnn_book.numpy.run import Run

__all__ = ["numpy_twin", "record_gates"]


def record_gates(
    layer: Any, x: Any, hx: Any = None, lengths: Any = None
) -> dict[str, dict[str, NDArray[np.floating]]]:
    """Run a layer in evaluation and return its gates and states at every step.

    Parameters
    ----------
    layer
        A layer of `rnn_book.numpy` or `rnn_book.torch`, or a `torch.nn.RNN`, `LSTM` or `GRU`. It
        is not changed.
    x
        Input as the layer takes it: (T, N, I), (N, T, I) with `batch_first`, or (T, I).
    hx
        Initial state as the layer takes it; zeros if None.
    lengths
        Integers (N,): steps of each sequence.

    Returns
    -------
    dict
        ``"l0"``, ``"l0_reverse"``, ``"l1"`` ... -> name -> array (T, N, H), in order of time, 0
        beyond the end of a sequence. An LSTM has i, f, g, o, c, h; a GRU r, z, n, h; an RNN h.

    Raises
    ------
    TypeError
        For anything that is not a recurrent layer.
    """
    run = _evaluate(numpy_twin(layer), x, hx, lengths)
    return run.recorded()


def _evaluate(twin: Any, x: Any, hx: Any, lengths: Any) -> Run:
    """One forward in evaluation with the readable step, which leaves the layer as it was."""
    run = Run(twin, _value(x, twin), _value(hx, twin), lengths)
    run.training = False
    run.forward({}, fast=False, checkpoint=False)
    return run


def _value(value: Any, twin: Any) -> Any:
    """Tensors as arrays, half precision as float32."""
    if isinstance(value, tuple | list):
        return tuple(_value(part, twin) for part in value)
    if hasattr(value, "detach"):
        return as_array(value.float() if value.element_size() < 4 else value)
    return value


def numpy_twin(layer: Any) -> Any:
    """A layer of `rnn_book.numpy` with the weights of `layer`; a NumPy layer is its own twin.

    Raises
    ------
    TypeError
        For anything that is not a recurrent layer.
    """
    if isinstance(layer, engine.Recurrent):
        return layer
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(layer, torch.nn.Module):
        raise TypeError(_NOT_A_LAYER.format(type(layer).__name__))
    sizes: list[Any] = [
        getattr(layer, name, None) for name in ("input_size", "hidden_size", "num_layers")
    ]
    if None in sizes:
        raise TypeError(_NOT_A_LAYER.format(type(layer).__name__))
    if getattr(layer, "proj_size", 0):
        raise TypeError("layer must have no projection (proj_size), got one")
    weight = next(layer.parameters())
    twin = engine.Recurrent(
        _numpy_cell(layer),
        sizes[0],
        sizes[1],
        sizes[2],
        bias=bool(layer.bias),
        batch_first=layer.batch_first,
        bidirectional=layer.bidirectional,
        rng=0,
        dtype="float64" if weight.dtype == torch.float64 else "float32",
    )
    if hasattr(layer, "options"):
        twin.options = layer.options
    twin.load_state_dict({name: _value(value, twin) for name, value in layer.state_dict().items()})
    return twin


_NOT_A_LAYER = (
    "layer must be a recurrent layer of rnn_book.numpy, rnn_book.torch or torch.nn, got {}"
)


def _numpy_cell(layer: Any) -> Any:
    """The NumPy step that does what a torch layer does."""
    from rnn_book.numpy.gru import GRUResetBeforeStep, GRUStep
    from rnn_book.numpy.lstm import LSTMStep
    from rnn_book.numpy.rnn import RNNStep

    cell = getattr(layer, "cell", None)
    if cell is None:
        stock = {
            "LSTM": LSTMStep(),
            "GRU": GRUStep(),
            "RNN_TANH": RNNStep("tanh"),
            "RNN_RELU": RNNStep("relu"),
        }
        if layer.mode not in stock:
            raise TypeError(_NOT_A_LAYER.format(type(layer).__name__))
        return stock[layer.mode]
    name = type(cell).__name__
    if not type(cell).__module__.startswith("rnn_book.torch"):
        from rnn_book.torch.foreign import ForeignStep

        return ForeignStep(cell)
    ours = {step.__name__: step for step in (LSTMStep, GRUStep, GRUResetBeforeStep, RNNStep)}
    twin: Any = ours.get(name) or getattr(variants, name)
    return twin(cell.nonlinearity) if hasattr(cell, "nonlinearity") else twin()
