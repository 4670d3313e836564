"""The GRU: the step, with the reset after or before the product; the layer."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from rnn_book.cells import Cell
from rnn_book.draws import Rng
from rnn_book.torch.cell_module import Parameters
from rnn_book.torch.fast import KERNELS, GRUKernel
from rnn_book.torch.functions import sigmoid
from rnn_book.torch.fused import FusedCell, FusedLayer
from rnn_book.torch.modules import as_dtype
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
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: Parameters,
        candidate_mask: Any = 1.0,
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
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: Parameters,
        candidate_mask: Any = 1.0,
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
        recurrent_dropout: float = 0.0,
        recurrent_dropout_on: Literal["state", "update"] = "state",
        zoneout: float | tuple[float, ...] = 0.0,
        weight_drop: float = 0.0,
        forget_bias: float | None = None,
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
        proj_size: int = 0,
    ) -> None:
        dtype, sizes = as_dtype(dtype), (input_size, hidden_size, num_layers)
        self._prepare_layer(
            GRUStep() if reset_after else GRUResetBeforeStep(),
            sizes,
            *(bias, dropout, bidirectional, recurrent_dropout, recurrent_dropout_on, zoneout),
            *(weight_drop, forget_bias, rng, proj_size),
        )
        flags = (bias, batch_first, 0.0, bidirectional)
        self.twin.__init__(self, *sizes, *flags, device=device, dtype=dtype)
        self.dropout = self.options.dropout
        self.reset_after = bool(reset_after)

    @property
    def _in_loop(self) -> bool:
        return super()._in_loop or not self.reset_after
