"""The GRU: the step, beside it the step's gradient, with the reset after or before the product;
the layer.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from rnn_book.numpy.fast import GRUKernel
from rnn_book.numpy.functions import sigmoid, sigmoid_gradient, tanh_gradient
from rnn_book.numpy.recurrent import Array, Cell, CellModule, Gradients, Recurrent, State

__all__ = ["GRU", "GRUCell", "GRUResetBeforeStep", "GRUStep"]


class GRUStep(Cell):
    """The GRU of cuDNN and torch: the reset gate acts after the recurrent product (Cho et al.
    2014, arXiv 1406.1078v1).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    kernel = GRUKernel

    def step(
        self,
        a_x: Array,
        h_rec: Array,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, tuple[Array, ...]]:
        (h,) = state
        x_r, x_z, x_n = np.split(a_x, 3, axis=-1)
        h_r, h_z, h_n = np.split(h_rec @ p.weight_hh.T + p.bias_hh, 3, axis=-1)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = np.tanh(x_n + r * h_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n, h, h_n, h_rec, m)

    def step_gradient(
        self, d_new_state: State, saved: tuple[Array, ...], p: SimpleNamespace
    ) -> Gradients:
        (d_h_new,) = d_new_state
        r, z, n, h, h_n, h_rec, m = saved
        d_z = d_h_new * (h - m * n)
        d_n = d_h_new * ((1 - z) * m) * tanh_gradient(n)
        d_r = d_n * h_n
        d_r, d_z = d_r * sigmoid_gradient(r), d_z * sigmoid_gradient(z)
        d_a_x = np.concatenate([d_r, d_z, d_n], axis=-1)
        d_a_h = np.concatenate([d_r, d_z, d_n * r], axis=-1)
        d_p = {"weight_hh": (d_a_h, h_rec), "bias_hh": d_a_h}
        return d_a_x, d_a_h @ p.weight_hh, (d_h_new * z,), d_p


class GRUResetBeforeStep(Cell):
    """The GRU as published: the reset gate acts on the state, before the product (Cho et al. 2014,
    arXiv 1406.1078v3).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")

    def step(
        self,
        a_x: Array,
        h_rec: Array,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, tuple[Array, ...]]:
        (h,) = state
        size = h.shape[-1]
        w_rz, w_n = np.split(p.weight_hh, [2 * size])
        b_rz, b_n = np.split(p.bias_hh, [2 * size])
        x_r, x_z, x_n = np.split(a_x, 3, axis=-1)
        h_r, h_z = np.split(h_rec @ w_rz.T + b_rz, 2, axis=-1)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = np.tanh(x_n + (r * h_rec) @ w_n.T + b_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n, h, h_rec, m)

    def step_gradient(
        self, d_new_state: State, saved: tuple[Array, ...], p: SimpleNamespace
    ) -> Gradients:
        (d_h_new,) = d_new_state
        r, z, n, h, h_rec, m = saved
        w_rz, w_n = np.split(p.weight_hh, [2 * h.shape[-1]])
        d_z = d_h_new * (h - m * n) * sigmoid_gradient(z)
        d_n = d_h_new * ((1 - z) * m) * tanh_gradient(n)
        d_reset = d_n @ w_n  # gradient of r * h_rec
        d_r = d_reset * h_rec * sigmoid_gradient(r)
        d_rz = np.concatenate([d_r, d_z], axis=-1)
        d_a = np.concatenate([d_rz, d_n], axis=-1)
        d_h_rec = d_reset * r + d_rz @ w_rz
        d_p = {
            "weight_hh": [(d_rz, h_rec), (d_n, r * h_rec)],
            "bias_hh": d_a,
        }
        return d_a, d_h_rec, (d_h_new * z,), d_p


class GRUCell(CellModule):
    """One step of a GRU, as `torch.nn.GRUCell`; parameters as for `CellModule`.

    Parameters
    ----------
    reset_after
        Whether the reset gate acts after the recurrent product (torch, cuDNN) or before it (the
        paper).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        cell = GRUStep() if reset_after else GRUResetBeforeStep()
        super().__init__(cell, input_size, hidden_size, bias, **options)
        self.reset_after = bool(reset_after)


class GRU(Recurrent):
    """A GRU layer, as `torch.nn.GRU`; options and shapes as for `Recurrent`.

    Parameters
    ----------
    reset_after
        Whether the reset gate acts after the recurrent product (torch, cuDNN) or before it (the
        paper).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        cell = GRUStep() if reset_after else GRUResetBeforeStep()
        sizes = (input_size, hidden_size, num_layers)
        super().__init__(cell, *sizes, bias, batch_first, dropout, bidirectional, **options)
        self.reset_after = bool(reset_after)
