"""The matrix products of a layer and nothing else: what no implementation can do without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["products"]


def products(gates: int, x: Any, d_output: Any) -> Callable[[], object]:
    """All products of forward and backward of a recurrent layer, in NumPy, on arrays of its sizes.

    Forward, the input is multiplied for all steps at once, and the hidden state in each step.
    Backward, there is one product per step, and then one for the gradient with respect to the
    input and two for those with respect to the weights.

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
    w_ih = rng.standard_normal((gates * hidden, inputs)).astype(x.dtype)
    w_hh = rng.standard_normal((gates * hidden, hidden)).astype(x.dtype)
    d_a = rng.standard_normal((steps, batch, gates * hidden)).astype(x.dtype)
    flat_x, flat_h = x.reshape(-1, inputs), d_output.reshape(-1, hidden)
    flat_a = d_a.reshape(-1, gates * hidden)
    a = np.empty_like(flat_a)
    a_t, d_h = np.empty_like(d_a[0]), np.empty_like(d_output[0])
    d_x, d_w_ih, d_w_hh = np.empty_like(flat_x), np.empty_like(w_ih), np.empty_like(w_hh)

    def run() -> object:
        np.matmul(flat_x, w_ih.T, out=a)
        for h in d_output:
            np.matmul(h, w_hh.T, out=a_t)
        for row in d_a:
            np.matmul(row, w_hh, out=d_h)
        np.matmul(flat_a, w_ih, out=d_x)
        np.matmul(flat_a.T, flat_x, out=d_w_ih)
        np.matmul(flat_a.T, flat_h, out=d_w_hh)
        return d_x

    return run
