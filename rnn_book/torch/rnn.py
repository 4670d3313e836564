"""The plain recurrent network (Elman 1990): the step; the layer in a few lines."""

from __future__ import annotations

from typing import Literal, Unpack

import torch
from torch import Tensor

from rnn_book.cells import PlainCell
from rnn_book.options import spelled_out
from rnn_book.torch.cell_module import CellOptions, Parameters
from rnn_book.torch.fast import KERNELS, RNNKernel
from rnn_book.torch.fused import FusedCell, FusedLayer
from rnn_book.torch.layers import PlainLayer
from rnn_book.torch.recurrent import State

__all__ = ["RNN", "RNNCell", "RNNStep"]


class RNNStep(PlainCell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu instead of tanh.

    Elman 1990 (Cognitive Science 14:179-211).
    """

    gates, states = 1, ("h",)

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters
    ) -> tuple[State, tuple[Tensor, ...]]:
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = torch.relu(a) if self.nonlinearity == "relu" else torch.tanh(a)
        return (h,), ()


KERNELS[RNNStep] = RNNKernel


class RNNCell(FusedCell, torch.nn.RNNCell):
    """One step of a plain network: `torch.nn.RNNCell`; further parameters as for `CellModule`."""

    twin = torch.nn.RNNCell

    @spelled_out(CellOptions)
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__(RNNStep(nonlinearity), input_size, hidden_size, bias, **options)


class RNN(PlainLayer, FusedLayer, torch.nn.RNN):
    """A plain recurrent layer: `torch.nn.RNN`; options and shapes as for `Recurrent`.

    Parameters
    ----------
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    """

    twin, step_class = torch.nn.RNN, RNNStep
