"""The LSTM: the step; the layer in a few lines."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from rnn_book.cells import Cell
from rnn_book.draws import Rng
from rnn_book.torch.cell_module import Parameters
from rnn_book.torch.fast import KERNELS, LSTMKernel
from rnn_book.torch.functions import sigmoid
from rnn_book.torch.fused import FusedCell, FusedLayer
from rnn_book.torch.modules import as_dtype
from rnn_book.torch.recurrent import State

__all__ = ["LSTM", "LSTMCell", "LSTMStep"]


class LSTMStep(Cell):
    """The LSTM with a forget gate (Hochreiter & Schmidhuber 1997; Gers et al. 2000)."""

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    forget_gate = 1
    candidate = True

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: Parameters,
        candidate_mask: Any = 1.0,
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

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        forget_bias: float | None = None,
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        dtype, sizes = as_dtype(dtype), (input_size, hidden_size)
        self._prepare(LSTMStep(), sizes, bias, forget_bias, rng)
        self.twin.__init__(self, *sizes, bias, device, dtype)


class LSTM(FusedLayer, torch.nn.LSTM):
    """An LSTM layer: `torch.nn.LSTM`; options and shapes as for `Recurrent`."""

    twin = torch.nn.LSTM

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
            LSTMStep(),
            sizes,
            *(bias, dropout, bidirectional, recurrent_dropout, recurrent_dropout_on, zoneout),
            *(weight_drop, forget_bias, rng, proj_size),
        )
        flags = (bias, batch_first, 0.0, bidirectional)
        self.twin.__init__(self, *sizes, *flags, device=device, dtype=dtype)
        self.dropout = self.options.dropout
