"""Variants of the LSTM, and layer normalisation: each step reads like its paper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from rnn_book.cells import Cell, PlainCell
from rnn_book.numpy.functions import relu, relu_gradient, sigmoid, sigmoid_gradient, tanh_gradient
from rnn_book.numpy.layers import Layer, PlainLayer
from rnn_book.numpy.modules import normalise, normalise_gradient
from rnn_book.numpy.recurrent import Array, Gradients, State

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


class PeepholeLSTMStep(Cell):
    """The gates see the cell: i and f see c_{t-1}, o sees c_t (Gers & Schmidhuber 2000, IJCNN).

    ``weight_peephole`` (3H,) holds the diagonals for i, f and o, in this order.
    """

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    extra = {"weight_peephole": 3}
    forget_gate = 1
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        p_i, p_f, p_o = p.weight_peephole
        a_i, a_f, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        i, f = sigmoid(a_i + p_i * c), sigmoid(a_f + p_f * c)
        g = np.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        o = sigmoid(a_o + p_o * c_new)
        tanh_c = np.tanh(c_new)
        return (o * tanh_c, c_new), (i, f, g, o, c, c_new, tanh_c, h_rec, m)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        d_h, d_c_new = d_new_state
        i, f, g, o, c, c_new, tanh_c, h_rec, m = saved
        p_i, p_f, p_o = p.weight_peephole
        d_o = d_h * tanh_c * sigmoid_gradient(o)
        d_c_new = d_c_new + d_h * o * tanh_gradient(tanh_c) + d_o * p_o
        d_f = d_c_new * c * sigmoid_gradient(f)
        d_i = d_c_new * (m * g) * sigmoid_gradient(i)
        d_g = d_c_new * (i * m) * tanh_gradient(g)
        d_c = d_c_new * f + d_i * p_i + d_f * p_f
        d_a = np.array([d_i, d_f, d_g, d_o])
        d_peephole = np.array([d_i * c, d_f * c, d_o * c_new])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a, "weight_peephole": d_peephole}
        return d_a, p.recurrent.gradient(d_a), (0.0, d_c), d_p


class CoupledLSTMStep(Cell):
    """One gate decides: what is forgotten is replaced, i = 1 - f (Greff et al. 2017, arXiv
    1503.04069: CIFG).

    Rows f, g, o. Greff et al. keep i and set f = 1 - i: the same model after a change of sign of
    that gate's weights.
    """

    gates, states = 3, ("h", "c")
    recorded = ("i", "f", "g", "o")
    forget_gate = 0
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        a_f, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        f, o = sigmoid(a_f), sigmoid(a_o)
        i = 1 - f
        g = np.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        tanh_c = np.tanh(c_new)
        return (o * tanh_c, c_new), (i, f, g, o, c, tanh_c, h_rec, m)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        d_h, d_c_new = d_new_state
        i, f, g, o, c, tanh_c, h_rec, m = saved
        d_o = d_h * tanh_c * sigmoid_gradient(o)
        d_c_new = d_c_new + d_h * o * tanh_gradient(tanh_c)
        d_f = d_c_new * (c - m * g) * sigmoid_gradient(f)
        d_g = d_c_new * (i * m) * tanh_gradient(g)
        d_a = np.array([d_f, d_g, d_o])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0, d_c_new * f), d_p


class NoForgetGateLSTMStep(Cell):
    """The cell only adds: c_t = c_{t-1} + i * g, the idea of Hochreiter & Schmidhuber 1997 (Neural
    Computation 9:1735-1780).

    Rows i, g, o. Not the whole cell of 1997, which squashes otherwise and truncates its gradients.
    """

    gates, states = 3, ("h", "c")
    recorded = ("i", "g", "o")
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        a_i, a_g, a_o = a_x + p.recurrent(h_rec) + p.bias_hh
        i, o = sigmoid(a_i), sigmoid(a_o)
        g = np.tanh(a_g)
        m = candidate_mask
        c_new = c + i * (m * g)
        tanh_c = np.tanh(c_new)
        return (o * tanh_c, c_new), (i, g, o, tanh_c, h_rec, m)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        d_h, d_c_new = d_new_state
        i, g, o, tanh_c, h_rec, m = saved
        d_o = d_h * tanh_c * sigmoid_gradient(o)
        d_c_new = d_c_new + d_h * o * tanh_gradient(tanh_c)
        d_i = d_c_new * (m * g) * sigmoid_gradient(i)
        d_g = d_c_new * (i * m) * tanh_gradient(g)
        d_a = np.array([d_i, d_g, d_o])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0, d_c_new), d_p


class LayerNormRNNStep(PlainCell):
    """The sum of both products is normalised once (Ba et al. 2016, arXiv 1607.06450).

    ``gain`` (H,) scales it; bias_ih and bias_hh shift it.
    """

    gates, states = 1, ("h",)
    extra = {"gain": 1}
    constants = {"gain": 1.0}
    input_bias = False

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace
    ) -> tuple[State, Saved]:
        normal, inverse = normalise(a_x + p.recurrent(h_rec))
        (a,) = normal * p.gain + p.bias_ih + p.bias_hh
        h = relu(a) if self.nonlinearity == "relu" else np.tanh(a)
        return (h,), (h, h_rec, normal, inverse)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        (d_h,) = d_new_state
        h, h_rec, normal, inverse = saved
        d_a = d_h * (relu_gradient(h) if self.nonlinearity == "relu" else tanh_gradient(h))
        d_a = d_a[None]  # one gate
        d_sum = normalise_gradient(d_a * p.gain, normal, inverse)
        d_p = {"weight_hh": (d_sum, h_rec), "bias_ih": d_a, "bias_hh": d_a, "gain": d_a * normal}
        return d_sum, p.recurrent.gradient(d_sum), (0.0,), d_p


class LayerNormLSTMStep(Cell):
    """Each product is normalised over its 4H rows, and c on its way to the output (Ba et al. 2016,
    arXiv 1607.06450).

    ``gain_ih`` and ``gain_hh`` (4H,) scale the products, bias_ih and bias_hh shift them;
    ``gain_c`` and ``shift_c`` (H,) belong to c. The carried c is never normalised.
    """

    gates, states = 4, ("h", "c")
    recorded = ("i", "f", "g", "o")
    extra = {"gain_ih": 4, "gain_hh": 4, "gain_c": 1, "shift_c": 1}
    constants = {"gain_ih": 1.0, "gain_hh": 1.0, "gain_c": 1.0, "shift_c": 0.0}
    forget_gate = 1
    input_bias = False
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        _, c = state
        normal_x = normalise(a_x, jointly=True)
        normal_h = normalise(p.recurrent(h_rec), jointly=True)
        a = normal_x[0] * p.gain_ih + p.bias_ih + normal_h[0] * p.gain_hh + p.bias_hh
        a_i, a_f, a_g, a_o = a
        i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
        g = np.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        normal_c = normalise(c_new)
        tanh_c = np.tanh(normal_c[0] * p.gain_c[0] + p.shift_c[0])
        kept = (i, f, g, o, c, tanh_c, h_rec, m, normal_x, normal_h, normal_c)
        return (o * tanh_c, c_new), kept

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        d_h, d_c_new = d_new_state
        i, f, g, o, c, tanh_c, h_rec, m, normal_x, normal_h, normal_c = saved
        d_o = d_h * tanh_c * sigmoid_gradient(o)
        d_shown = d_h * o * tanh_gradient(tanh_c)
        d_c_new = d_c_new + normalise_gradient(d_shown * p.gain_c[0], *normal_c)
        d_f = d_c_new * c * sigmoid_gradient(f)
        d_i = d_c_new * (m * g) * sigmoid_gradient(i)
        d_g = d_c_new * (i * m) * tanh_gradient(g)
        d_a = np.array([d_i, d_f, d_g, d_o])
        d_x = normalise_gradient(d_a * p.gain_ih, normal_x[0], normal_x[1], True)
        d_product = normalise_gradient(d_a * p.gain_hh, normal_h[0], normal_h[1], True)
        d_p = {
            "weight_hh": (d_product, h_rec),
            "bias_ih": d_a,
            "bias_hh": d_a,
            "gain_ih": d_a * normal_x[0],
            "gain_hh": d_a * normal_h[0],
            "gain_c": d_shown * normal_c[0],
            "shift_c": d_shown,
        }
        return d_x, p.recurrent.gradient(d_product), (0.0, d_c_new * f), d_p


class LayerNormGRUStep(Cell):
    """r and z are normalised jointly, n apart, on each side; the reset acts after the product (Ba
    et al. 2016).

    ``gain_ih`` and ``gain_hh`` (3H,) scale the products, bias_ih and bias_hh shift them.
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    extra = {"gain_ih": 3, "gain_hh": 3}
    constants = {"gain_ih": 1.0, "gain_hh": 1.0}
    input_bias = False
    candidate = True

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace, candidate_mask: Any = 1.0
    ) -> tuple[State, Saved]:
        (h,) = state
        a_h = p.recurrent(h_rec)
        parts = a_x[:2], a_x[2:], a_h[:2], a_h[2:]
        normals = [normalise(part, jointly=True) for part in parts]
        s_x = np.concatenate([normals[0][0], normals[1][0]])
        s_h = np.concatenate([normals[2][0], normals[3][0]])
        x_r, x_z, x_n = s_x * p.gain_ih + p.bias_ih
        h_r, h_z, h_n = s_h * p.gain_hh + p.bias_hh
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = np.tanh(x_n + r * h_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n, h, h_n, h_rec, m, s_x, s_h, normals)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        (d_h_new,) = d_new_state
        r, z, n, h, h_n, h_rec, m, s_x, s_h, normals = saved
        d_z = d_h_new * (h - m * n) * sigmoid_gradient(z)
        d_n = d_h_new * ((1 - z) * m) * tanh_gradient(n)
        d_r = d_n * h_n * sigmoid_gradient(r)
        d_a_x = np.array([d_r, d_z, d_n])
        d_a_h = np.array([d_r, d_z, d_n * r])
        d_s_x, d_s_h = d_a_x * p.gain_ih, d_a_h * p.gain_hh
        d_parts = d_s_x[:2], d_s_x[2:], d_s_h[:2], d_s_h[2:]
        d_x_rz, d_x_n, d_h_rz, d_h_n = (
            normalise_gradient(d, normal[0], normal[1], True)
            for d, normal in zip(d_parts, normals, strict=True)
        )
        d_x, d_product = np.concatenate([d_x_rz, d_x_n]), np.concatenate([d_h_rz, d_h_n])
        d_p = {
            "weight_hh": (d_product, h_rec),
            "bias_ih": d_a_x,
            "bias_hh": d_a_h,
            "gain_ih": d_a_x * s_x,
            "gain_hh": d_a_h * s_h,
        }
        return d_x, p.recurrent.gradient(d_product), (d_h_new * z,), d_p


class PeepholeLSTM(Layer):
    """A layer of `PeepholeLSTMStep`; arguments as for `Recurrent`, without the cell."""

    step_class = PeepholeLSTMStep


class CoupledLSTM(Layer):
    """A layer of `CoupledLSTMStep`; arguments as for `Recurrent`, without the cell."""

    step_class = CoupledLSTMStep


class NoForgetGateLSTM(Layer):
    """A layer of `NoForgetGateLSTMStep`; arguments as for `Recurrent`, without the cell."""

    step_class = NoForgetGateLSTMStep


class LayerNormRNN(PlainLayer):
    """A layer of `LayerNormRNNStep`; arguments as for `RNN`."""

    step_class = LayerNormRNNStep


class LayerNormLSTM(Layer):
    """A layer of `LayerNormLSTMStep`; arguments as for `Recurrent`, without the cell."""

    step_class = LayerNormLSTMStep


class LayerNormGRU(Layer):
    """A layer of `LayerNormGRUStep`; arguments as for `Recurrent`, without the cell."""

    step_class = LayerNormGRUStep
