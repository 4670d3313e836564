"""The matrix products of a layer and nothing else: what no gate and no loop adds to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rnn_book.numpy.product import Product

__all__ = ["products"]


def products(gates: int, x: Any, d_output: Any) -> Callable[[], None]:
    """All products of forward and backward of a layer of the NumPy half, as it makes them.

    Forward, the input is multiplied for all steps at once, with the bias as one more column, and
    the hidden state in each step. Backward, there is one product per step, and then one for the
    gradient with respect to the input and two for those with respect to the weights.

    Parameters
    ----------
    gates
        Rows of the weights in units of H: 4 for an LSTM, 3 for a GRU.
    x
        (T, N, I).
    d_output
        (T, N, H).
    """
    steps, batch, inputs = x.shape
    hidden = d_output.shape[2]
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(x.dtype)

    recurrent = Product(draw(gates * hidden, hidden), gates, batch)
    weights, weight_ih = draw(gates, inputs + 1, hidden), draw(gates * hidden, inputs)
    rows = np.concatenate([x, np.ones((steps, batch, 1), x.dtype)], axis=2)
    rows = rows.reshape(steps * batch, inputs + 1)
    d_gates, d_rows = draw(gates, batch, hidden), draw(steps * batch, gates * hidden)
    flat_h = d_output.reshape(steps * batch, hidden)

    def run() -> None:
        np.matmul(rows, weights)
        for h in d_output:
            recurrent(h)
            recurrent.gradient(d_gates)
        np.matmul(d_rows, weight_ih)
        np.matmul(d_rows.T, rows)
        np.matmul(d_rows.T, flat_h)

    return run
