"""The plain recurrent network (Elman 1990): the step; the layer in a few lines."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from rnn_book.cells import Cell
from rnn_book.draws import Rng
from rnn_book.torch.cell_module import Parameters
from rnn_book.torch.fast import KERNELS, RNNKernel
from rnn_book.torch.fused import FusedCell, FusedLayer
from rnn_book.torch.modules import as_dtype
from rnn_book.torch.recurrent import State

__all__ = ["RNN", "RNNCell", "RNNStep"]


class RNNStep(Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu instead of tanh.

    Elman 1990 (Cognitive Science 14:179-211).
    """

    gates, states = 1, ("h",)

    def __init__(self, nonlinearity: str = "tanh") -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        self.nonlinearity = nonlinearity

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

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        forget_bias: float | None = None,
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        dtype, sizes = as_dtype(dtype), (input_size, hidden_size)
        self._prepare(RNNStep(nonlinearity), sizes, bias, forget_bias, rng)
        self.twin.__init__(self, *sizes, bias, nonlinearity, device, dtype)


class RNN(FusedLayer, torch.nn.RNN):
    """A plain recurrent layer: `torch.nn.RNN`; options and shapes as for `Recurrent`.

    Parameters
    ----------
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    """

    twin = torch.nn.RNN

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
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
            RNNStep(nonlinearity),
            sizes,
            *(bias, dropout, bidirectional, recurrent_dropout, recurrent_dropout_on, zoneout),
            *(weight_drop, forget_bias, rng, proj_size),
        )
        flags = (bias, batch_first, 0.0, bidirectional)
        self.twin.__init__(self, *sizes, nonlinearity, *flags, device=device, dtype=dtype)
        self.dropout = self.options.dropout
