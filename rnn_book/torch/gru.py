"""The GRU: the step, with the reset after or before the product; the layer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from rnn_book.draws import Rng
from rnn_book.torch.functions import sigmoid
from rnn_book.torch.fused import FusedCell, FusedLayer
from rnn_book.torch.kernels import GRUKernel
from rnn_book.torch.modules import as_dtype
from rnn_book.torch.recurrent import Cell, State

__all__ = ["GRU", "GRUCell", "GRUResetBeforeStep", "GRUStep"]


class GRUStep(Cell):
    """The GRU of cuDNN and torch: the reset gate acts after the recurrent product.

    Cho et al. 2014, first version (arXiv 1406.1078v1).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    kernel = GRUKernel

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, tuple[Tensor, ...]]:
        (h,) = state
        x_r, x_z, x_n = torch.chunk(a_x, 3, dim=-1)
        h_r, h_z, h_n = torch.chunk(h_rec @ p.weight_hh.T + p.bias_hh, 3, dim=-1)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n)


class GRUResetBeforeStep(Cell):
    """The GRU as published: the reset gate acts on the state, before the product.

    Cho et al. 2014 (arXiv 1406.1078v3).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, tuple[Tensor, ...]]:
        (h,) = state
        size = h.shape[-1]
        w_rz, w_n = torch.split(p.weight_hh, [2 * size, size])
        b_rz, b_n = torch.split(p.bias_hh, [2 * size, size])
        x_r, x_z, x_n = torch.chunk(a_x, 3, dim=-1)
        h_r, h_z = torch.chunk(h_rec @ w_rz.T + b_rz, 2, dim=-1)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = torch.tanh(x_n + (r * h_rec) @ w_n.T + b_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n)


class GRUCell(FusedCell, torch.nn.GRUCell):
    """One step of a GRU: `torch.nn.GRUCell`; further parameters as for `CellModule`.

    Parameters
    ----------
    reset_after
        Whether the reset gate acts after the recurrent product (torch, cuDNN) or before it (the
        paper).
    """

    twin = torch.nn.GRUCell

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        reset_after: bool = True,
        forget_bias: float | None = None,
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        cell = GRUStep() if reset_after else GRUResetBeforeStep()
        dtype, sizes = as_dtype(dtype), (input_size, hidden_size)
        self._prepare(cell, sizes, bias, forget_bias, rng)
        self.twin.__init__(self, *sizes, bias, device, dtype)
        self.reset_after = bool(reset_after)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        call = super().forward if self.reset_after else super(FusedCell, self).forward
        return call(input, hx)


class GRU(FusedLayer, torch.nn.GRU):
    """A GRU layer: `torch.nn.GRU`; options and shapes as for `Recurrent`.

    Parameters
    ----------
    reset_after
        Whether the reset gate acts after the recurrent product (torch, cuDNN) or before it (the
        paper).
    """

    twin = torch.nn.GRU

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
        device: Any = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        cell = GRUStep() if reset_after else GRUResetBeforeStep()
        dtype, sizes = as_dtype(dtype), (input_size, hidden_size, num_layers)
        self._prepare_layer(cell, sizes, bias, dropout, bidirectional, **options)
        flags = (bias, batch_first, 0.0, bidirectional)
        self.twin.__init__(self, *sizes, *flags, device=device, dtype=dtype)
        self.dropout = self.options.dropout
        self.reset_after = bool(reset_after)

    @property
    def _in_loop(self) -> bool:
        return super()._in_loop or not self.reset_after
