"""The LSTM: the step, beside it the step's gradient; the layer in a few lines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Unpack

import numpy as np

from rnn_book.cells import Cell
from rnn_book.numpy.cell_module import CellModule, CellOptions
from rnn_book.numpy.functions import sigmoid, sigmoid_gradient, tanh_gradient
from rnn_book.numpy.layers import Layer
from rnn_book.numpy.recurrent import Array, Gradients, State
from rnn_book.options import spelled_out

__all__ = ["LSTM", "LSTMCell", "LSTMStep"]


class LSTMStep(Cell):
    """The LSTM with a forget gate (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins
    2000).
    """

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    forget_gate = 1
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, tuple[Array, ...]]:
        h, c = state
        a_i, a_f, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
        g = np.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        tanh_c = np.tanh(c_new)
        h_new = o * tanh_c
        return (h_new, c_new), (i, f, g, o, c, tanh_c, h_rec, m)

    def step_gradient(
        self, d_new_state: State, saved: tuple[Array, ...], p: SimpleNamespace
    ) -> Gradients:
        d_h, d_c_new = d_new_state
        i, f, g, o, c, tanh_c, h_rec, m = saved
        d_o = d_h * tanh_c
        d_c_new = d_c_new + d_h * o * tanh_gradient(tanh_c)
        d_f = d_c_new * c
        d_i = d_c_new * (m * g)
        d_g = d_c_new * (i * m)
        d_a = np.array(
            [
                d_i * sigmoid_gradient(i),
                d_f * sigmoid_gradient(f),
                d_g * tanh_gradient(g),
                d_o * sigmoid_gradient(o),
            ]
        )
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0, d_c_new * f), d_p


class LSTMCell(CellModule):
    """One step of an LSTM, as `torch.nn.LSTMCell`; parameters as for `CellModule`."""

    @spelled_out(CellOptions)
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__(LSTMStep(), input_size, hidden_size, bias, **options)


class LSTM(Layer):
    """An LSTM layer, as `torch.nn.LSTM`; options and shapes as for `Recurrent`."""

    step_class = LSTMStep
