"""Variants of the LSTM, and layer normalisation: each a step that reads like its paper."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from rnn_book.cells import Cell, PlainCell
from rnn_book.torch.cell_module import Parameters
from rnn_book.torch.functions import sigmoid
from rnn_book.torch.layers import NamedLayer, PlainLayer
from rnn_book.torch.recurrent import Recurrent, State

__all__ = [
    "CoupledLSTM",
    "CoupledLSTMStep",
    "LayerNormGRU",
    "LayerNormGRUStep",
    "LayerNormLSTM",
    "LayerNormLSTMStep",
    "LayerNormRNN",
    "LayerNormRNNStep",
    "NoForgetGateLSTM",
    "NoForgetGateLSTMStep",
    "PeepholeLSTM",
    "PeepholeLSTMStep",
]

Saved = tuple[Any, ...]


def normalise(a: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
    """Layer normalisation of a (k, N, H) over k and H together; gain and shift are (k, 1, H)."""
    a = a.transpose(0, 1)
    return layer_norm(a, a.shape[1:], gain[:, 0], shift[:, 0]).transpose(0, 1)


class PeepholeLSTMStep(Cell):
    """The gates see the cell: i and f see c_{t-1}, o sees c_t (Gers & Schmidhuber 2000, IJCNN).

    ``weight_peephole`` (3H,) holds the diagonals for i, f and o, in this order.
    """

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    candidate = True
    extra = {"weight_peephole": 3}
    forget_gate = 1

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        p_i, p_f, p_o = p.weight_peephole
        a_i, a_f, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        i, f = sigmoid(a_i + p_i * c), sigmoid(a_f + p_f * c)
        g = torch.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        o = sigmoid(a_o + p_o * c_new)
        tanh_c = torch.tanh(c_new)
        return (o * tanh_c, c_new), (i, f, g, o)


class CoupledLSTMStep(Cell):
    """One gate decides: what is forgotten is replaced, i = 1 - f.

    Rows f, g, o. Greff et al. 2017 (arXiv 1503.04069, CIFG) keep i and set f = 1 - i: the same
    model after a change of sign of that gate's weights.
    """

    gates, states = 3, ("h", "c")
    recorded = ("i", "f", "g", "o")
    candidate = True
    forget_gate = 0

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        a_f, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        f, o = sigmoid(a_f), sigmoid(a_o)
        i = 1 - f
        g = torch.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        tanh_c = torch.tanh(c_new)
        return (o * tanh_c, c_new), (i, f, g, o)


class NoForgetGateLSTMStep(Cell):
    """The cell only adds: c_t = c_{t-1} + i * g, the idea of 1997.

    Rows i, g, o. Hochreiter & Schmidhuber 1997 (Neural Computation 9:1735-1780); not their whole
    cell, which squashes otherwise and truncates its gradients.
    """

    gates, states = 3, ("h", "c")
    recorded = ("i", "g", "o")
    candidate = True

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        a_i, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        i, o = sigmoid(a_i), sigmoid(a_o)
        g = torch.tanh(a_g)
        m = candidate_mask
        c_new = c + i * (m * g)
        tanh_c = torch.tanh(c_new)
        return (o * tanh_c, c_new), (i, g, o)


class LayerNormRNNStep(PlainCell):
    """The sum of both products is normalised once (Ba et al. 2016, arXiv 1607.06450).

    ``gain`` (H,) scales it; bias_ih and bias_hh shift it.
    """

    gates, states = 1, ("h",)
    extra = {"gain": 1}
    constants = {"gain": 1.0}
    input_bias = False

    def step(self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters) -> tuple[State, Saved]:
        (a,) = normalise(a_x + p.recurrent(h_rec), p.gain, p.bias_ih) + p.bias_hh
        h = torch.relu(a) if self.nonlinearity == "relu" else torch.tanh(a)
        return (h,), ()


class LayerNormLSTMStep(Cell):
    """Each product is normalised over its 4H rows, and c on its way to the output.

    ``gain_ih`` and ``gain_hh`` (4H,) scale the products, bias_ih and bias_hh shift them; ``gain_c``
    and ``shift_c`` (H,) belong to c. The carried c is never normalised (Ba et al. 2016, arXiv
    1607.06450).
    """

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    candidate = True
    extra = {"gain_ih": 4, "gain_hh": 4, "gain_c": 1, "shift_c": 1}
    constants = {"gain_ih": 1.0, "gain_hh": 1.0, "gain_c": 1.0, "shift_c": 0.0}
    forget_gate = 1
    input_bias = False

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        a_x = normalise(a_x, p.gain_ih, p.bias_ih)
        a_h = normalise(p.recurrent(h_rec), p.gain_hh, p.bias_hh)
        a_i, a_f, a_g, a_o = a_x + a_h
        i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
        g = torch.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        (shown,) = normalise(c_new[None], p.gain_c, p.shift_c)
        tanh_c = torch.tanh(shown)
        return (o * tanh_c, c_new), (i, f, g, o)


class LayerNormGRUStep(Cell):
    """r and z are normalised jointly, n apart, on each side; the reset acts after the product.

    ``gain_ih`` and ``gain_hh`` (3H,) scale the products, bias_ih and bias_hh shift them (Ba et al.
    2016, arXiv 1607.06450).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    candidate = True
    extra = {"gain_ih": 3, "gain_hh": 3}
    constants = {"gain_ih": 1.0, "gain_hh": 1.0}
    input_bias = False

    def step(
        self, a_x: Tensor, h_rec: Tensor, state: State, p: Parameters, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        (h,) = state
        x_rz, (x_n,) = self._normalise(a_x, p.gain_ih, p.bias_ih)
        h_rz, (h_n,) = self._normalise(p.recurrent(h_rec), p.gain_hh, p.bias_hh)
        r, z = sigmoid(x_rz + h_rz)
        n = torch.tanh(x_n + r * h_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n)

    @staticmethod
    def _normalise(a: Tensor, gain: Tensor, shift: Tensor) -> list[Tensor]:
        """Normalise r and z together, (2, N, H), and n, (1, N, H)."""
        split = [torch.split(v, [2, 1]) for v in (a, gain, shift)]
        return [normalise(*parts) for parts in zip(*split, strict=True)]


class PeepholeLSTM(NamedLayer, Recurrent):
    """A layer of `PeepholeLSTMStep`."""

    step_class = PeepholeLSTMStep


class CoupledLSTM(NamedLayer, Recurrent):
    """A layer of `CoupledLSTMStep`."""

    step_class = CoupledLSTMStep


class NoForgetGateLSTM(NamedLayer, Recurrent):
    """A layer of `NoForgetGateLSTMStep`."""

    step_class = NoForgetGateLSTMStep


class LayerNormLSTM(NamedLayer, Recurrent):
    """A layer of `LayerNormLSTMStep`."""

    step_class = LayerNormLSTMStep


class LayerNormGRU(NamedLayer, Recurrent):
    """A layer of `LayerNormGRUStep`."""

    step_class = LayerNormGRUStep


class LayerNormRNN(PlainLayer, Recurrent):
    """A layer of `LayerNormRNNStep`; arguments as for `RNN`."""

    step_class = LayerNormRNNStep
