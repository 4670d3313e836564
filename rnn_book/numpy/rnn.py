"""The plain recurrent network (Elman 1990): the step, beside it the step's gradient; the layer in
a few lines.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Literal, Unpack

import numpy as np

from rnn_book.cells import PlainCell
from rnn_book.numpy.cell_module import CellModule
from rnn_book.numpy.functions import relu, relu_gradient, tanh_gradient
from rnn_book.numpy.layers import PlainLayer
from rnn_book.numpy.recurrent import Array, CellOptions, Gradients, State
from rnn_book.options import spelled_out

__all__ = ["RNN", "RNNCell", "RNNStep"]


class RNNStep(PlainCell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu instead of tanh (Elman 1990, Cognitive
    Science 14:179-211).
    """

    gates, states = 1, ("h",)

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace
    ) -> tuple[State, tuple[Array, ...]]:
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = relu(a) if self.nonlinearity == "relu" else np.tanh(a)
        return (h,), (h, h_rec)

    def step_gradient(
        self, d_new_state: State, saved: tuple[Array, ...], p: SimpleNamespace
    ) -> Gradients:
        (d_h,) = d_new_state
        h, h_rec = saved
        slope = relu_gradient(h) if self.nonlinearity == "relu" else tanh_gradient(h)
        d_a = (d_h * slope)[None]  # one gate
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0,), d_p


class RNNCell(CellModule):
    """One step of a plain recurrent network, as `torch.nn.RNNCell`; further parameters as for
    `CellModule`.

    Parameters
    ----------
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    """

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


class RNN(PlainLayer):
    """A plain recurrent layer, as `torch.nn.RNN`; further options, and shapes, as for `Recurrent`.

    Parameters
    ----------
    nonlinearity
        ``"tanh"`` or ``"relu"``.
    """

    step_class = RNNStep
