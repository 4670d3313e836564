"""The LSTM: the step; the layer in a few lines."""

from __future__ import annotations

from typing import Any, Unpack

import torch
from torch import Tensor

from rnn_book.cells import Cell
from rnn_book.options import spelled_out
from rnn_book.torch.cell_module import CellOptions, Parameters
from rnn_book.torch.fast import KERNELS, LSTMKernel
from rnn_book.torch.functions import sigmoid
from rnn_book.torch.fused import FusedCell, FusedLayer
from rnn_book.torch.layers import NamedLayer
from rnn_book.torch.recurrent import State

__all__ = ["LSTM", "LSTMCell", "LSTMStep"]


class LSTMStep(Cell):
    """The LSTM with a forget gate (Hochreiter & Schmidhuber 1997; Gers et al. 2000)."""

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    forget_gate = 1
    candidate = True

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, tuple[Tensor, ...]]:
        h, c = state
        a_i, a_f, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
        g = torch.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        tanh_c = torch.tanh(c_new)
        h_new = o * tanh_c
        return (h_new, c_new), (i, f, g, o)


KERNELS[LSTMStep] = LSTMKernel


class LSTMCell(FusedCell, torch.nn.LSTMCell):
    """One step of an LSTM: `torch.nn.LSTMCell`; further parameters as for `CellModule`."""

    twin = torch.nn.LSTMCell

    @spelled_out(CellOptions)
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__(LSTMStep(), input_size, hidden_size, bias, **options)


class LSTM(NamedLayer, FusedLayer, torch.nn.LSTM):
    """An LSTM layer: `torch.nn.LSTM`; options and shapes as for `Recurrent`."""

    twin, step_class = torch.nn.LSTM, LSTMStep
