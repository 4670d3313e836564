"""The GRU: the step, with the reset after or before the product; the layer."""

from __future__ import annotations

from typing import Any, Unpack

import torch
from torch import Tensor

from rnn_book.cells import Cell
from rnn_book.options import spelled_out
from rnn_book.torch.cell_module import CellOptions, Options, Parameters
from rnn_book.torch.fast import KERNELS, GRUKernel
from rnn_book.torch.functions import sigmoid
from rnn_book.torch.fused import FusedCell, FusedLayer
from rnn_book.torch.recurrent import State

__all__ = ["GRU", "GRUCell", "GRUResetBeforeStep", "GRUStep"]


class GRUStep(Cell):
    """The GRU of cuDNN and torch: the reset gate acts after the recurrent product.

    Cho et al. 2014, first version (arXiv 1406.1078v1).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    candidate = True

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, tuple[Tensor, ...]]:
        (h,) = state
        x_r, x_z, x_n = a_x
        h_r, h_z, h_n = p.recurrent(h_rec) + p.bias_hh
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n)


KERNELS[GRUStep] = GRUKernel


class GRUResetBeforeStep(Cell):
    """The GRU as published: the reset gate acts on the state, before the product.

    Cho et al. 2014 (arXiv 1406.1078v3).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    candidate = True

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, tuple[Tensor, ...]]:
        (h,) = state
        x_r, x_z, x_n = a_x
        h_r, h_z = p.recurrent[:2](h_rec) + p.bias_hh[:2]
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = torch.tanh(x_n + p.recurrent[2](r * h_rec) + p.bias_hh[2])
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

    @property
    def _in_loop(self) -> bool:
        return super()._in_loop or not self.reset_after


def _cell(reset_after: bool) -> Cell:
    return GRUStep() if reset_after else GRUResetBeforeStep()
