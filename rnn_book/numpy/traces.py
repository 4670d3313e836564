"""What goes on inside a NumPy layer: gates and states of every step, gradients by lag."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.draws import Rng, generator
from rnn_book.numpy.modules import as_array
from rnn_book.numpy.recurrent import Recurrent
from rnn_book.numpy.run import Run

__all__ = ["lag_norms", "record"]

Array = NDArray[np.floating]


def record(layer: Any, x: Any, hx: Any = None, lengths: Any = None) -> dict[str, dict[str, Array]]:
    """Gates and states of every step, as `rnn_book.record_gates` describes them."""
    return _evaluate(layer, x, hx, lengths).recorded()


def lag_norms(layer: Any, x: Any, rng: Rng) -> Array:
    """Norms of the gradient of the last state, as `rnn_book.gradient_by_lag` describes them."""
    _check(layer)
    if layer.num_layers != 1 or layer.bidirectional:
        raise ValueError(
            f"layer must have one layer and one direction, got num_layers={layer.num_layers}, "
            f"bidirectional={layer.bidirectional}"
        )
    run = _evaluate(layer, x, None, None)
    (sweep,) = run.sweeps
    steps, batch, hidden = sweep.h[1:].shape
    u = generator(rng).standard_normal(hidden)
    u = (u / np.linalg.norm(u)).astype(layer.dtype)
    d_final = [
        np.tile(u, (batch, 1)),
        *(np.zeros((batch, hidden), u.dtype) for _ in sweep.final[1:]),
    ]
    norms = np.ones(steps + 1)

    def measure(t: int, d_state: list[Array]) -> None:
        squares = sum(np.sum(np.square(d, dtype=np.float64), axis=-1) for d in d_state)
        norms[steps - t] = np.sqrt(np.mean(squares))

    sweep.backward(None, d_final, np.empty_like(sweep.x), measure)
    return norms


def _check(layer: Any) -> None:
    if not isinstance(layer, Recurrent):
        raise TypeError(
            "layer must be a recurrent layer of rnn_book.numpy, rnn_book.torch or torch.nn, got "
            f"{type(layer).__name__}"
        )


def _evaluate(layer: Any, x: Any, hx: Any, lengths: Any) -> Run:
    """One forward in evaluation with the readable step, which leaves the layer as it was."""
    _check(layer)
    run = Run(layer, _value(x), _value(hx), lengths)
    run.training = False
    run.forward({}, fast=False, checkpoint=False)
    return run


def _value(value: Any) -> Any:
    """Tensors as arrays."""
    if isinstance(value, tuple | list):
        return tuple(_value(part) for part in value)
    return as_array(value) if hasattr(value, "detach") else value
