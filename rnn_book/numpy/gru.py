"""The GRU: the step, beside it the step's gradient, with the reset after or before the product;
the layer.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Unpack

import numpy as np

from rnn_book.cells import Cell
from rnn_book.numpy.cell_module import CellModule
from rnn_book.numpy.functions import sigmoid, sigmoid_gradient, tanh_gradient
from rnn_book.numpy.recurrent import Array, CellOptions, Gradients, Options, Recurrent, State
from rnn_book.options import spelled_out

__all__ = ["GRU", "GRUCell", "GRUResetBeforeStep", "GRUStep"]


class GRUStep(Cell):
    """The GRU of cuDNN and torch: the reset gate acts after the recurrent product (Cho et al.
    2014, arXiv 1406.1078v1).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, tuple[Array, ...]]:
        (h,) = state
        x_r, x_z, x_n = a_x
        h_r, h_z, h_n = p.recurrent(h_rec) + p.bias_hh
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
        d_a_x = np.array([d_r, d_z, d_n])
        d_a_h = np.array([d_r, d_z, d_n * r])
        d_p = {"weight_hh": (d_a_h, h_rec), "bias_hh": d_a_h}
        return d_a_x, p.recurrent.gradient(d_a_h), (d_h_new * z,), d_p


class GRUResetBeforeStep(Cell):
    """The GRU as published: the reset gate acts on the state, before the product (Cho et al. 2014,
    arXiv 1406.1078v3).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, tuple[Array, ...]]:
        (h,) = state
        x_r, x_z, x_n = a_x
        b_r, b_z, b_n = p.bias_hh
        h_r, h_z = p.recurrent[:2](h_rec)
        r, z = sigmoid(x_r + h_r + b_r), sigmoid(x_z + h_z + b_z)
        (h_n,) = p.recurrent[2:](r * h_rec)
        n = np.tanh(x_n + h_n + b_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n, h, h_rec, m)

    def step_gradient(
        self, d_new_state: State, saved: tuple[Array, ...], p: SimpleNamespace
    ) -> Gradients:
        (d_h_new,) = d_new_state
        r, z, n, h, h_rec, m = saved
        d_z = d_h_new * (h - m * n) * sigmoid_gradient(z)
        d_n = d_h_new * ((1 - z) * m) * tanh_gradient(n)
        d_reset = p.recurrent[2:].gradient(d_n[None])  # gradient of r * h_rec
        d_r = d_reset * h_rec * sigmoid_gradient(r)
        d_a = np.array([d_r, d_z, d_n])
        d_h_rec = d_reset * r + p.recurrent[:2].gradient(d_a[:2])
        d_p = {"weight_hh": [(d_a[:2], h_rec), (d_a[2:], r * h_rec)], "bias_hh": d_a}
        return d_a, d_h_rec, (d_h_new * z,), d_p


class GRUCell(CellModule):
    """One step of a GRU, as `torch.nn.GRUCell`; further parameters as for `CellModule`.

    Parameters
    ----------
    reset_after
        Whether the reset gate acts after the recurrent product (torch, cuDNN) or before it (the
        paper).
    """

    @spelled_out(CellOptions)
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        reset_after: bool = True,
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__(_cell(reset_after), input_size, hidden_size, bias, **options)
        self.reset_after = bool(reset_after)


class GRU(Recurrent):
    """A GRU layer, as `torch.nn.GRU`; further options, and shapes, as for `Recurrent`.

    Parameters
    ----------
    reset_after
        Whether the reset gate acts after the recurrent product (torch, cuDNN) or before it (the
        paper).
    """

    @spelled_out(Options)
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
        **options: Unpack[Options],
    ) -> None:
        cell, flags = _cell(reset_after), (bias, batch_first, dropout, bidirectional)
        super().__init__(cell, input_size, hidden_size, num_layers, *flags, **options)
        self.reset_after = bool(reset_after)


def _cell(reset_after: bool) -> Cell:
    return GRUStep() if reset_after else GRUResetBeforeStep()
