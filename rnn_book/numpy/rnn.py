"""The plain recurrent network (Elman 1990): the step, beside it the step's gradient; the layer in
a few lines.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from rnn_book.numpy.fast import RNNKernel
from rnn_book.numpy.functions import relu, relu_gradient, tanh_gradient
from rnn_book.numpy.recurrent import Array, Cell, CellModule, Gradients, Recurrent, State

__all__ = ["RNN", "RNNCell", "RNNStep"]


class RNNStep(Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu instead of tanh (Elman 1990, Cognitive
    Science 14:179-211).
    """

    gates, states = 1, ("h",)
    kernel = RNNKernel

    def __init__(self, nonlinearity: str = "tanh") -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        self.nonlinearity = nonlinearity

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace
    ) -> tuple[State, tuple[Array, ...]]:
        a = a_x + h_rec @ p.weight_hh.T + p.bias_hh
        h = relu(a) if self.nonlinearity == "relu" else np.tanh(a)
        return (h,), (h, h_rec)

    def step_gradient(
        self, d_new_state: State, saved: tuple[Array, ...], p: SimpleNamespace
    ) -> Gradients:
        (d_h,) = d_new_state
        h, h_rec = saved
        d_a = d_h * (relu_gradient(h) if self.nonlinearity == "relu" else tanh_gradient(h))
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, d_a @ p.weight_hh, (0.0,), d_p


class RNNCell(CellModule):
    """One step of a plain recurrent network, as `torch.nn.RNNCell`; parameters as for
    `CellModule`.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        **options: Any,
    ) -> None:
        super().__init__(RNNStep(nonlinearity), input_size, hidden_size, bias, **options)


class RNN(Recurrent):
    """A plain recurrent layer, as `torch.nn.RNN`; options and shapes as for `Recurrent`.

    Parameters
    ----------
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        **options: Any,
    ) -> None:
        cell = RNNStep(nonlinearity)
        sizes = (input_size, hidden_size, num_layers)
        super().__init__(cell, *sizes, bias, batch_first, dropout, bidirectional, **options)
