"""Variants of the LSTM and layer normalisation: each a step of its own, which reads like its
paper.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from rnn_book.numpy.functions import (
    relu,
    relu_gradient,
    sigmoid,
    sigmoid_gradient,
    tanh_gradient,
)
from rnn_book.numpy.modules import normalise, normalise_gradient
from rnn_book.numpy.recurrent import Array, Cell, Gradients, Recurrent, State

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

    def step(
        self,
        a_x: Array,
        h_rec: Array,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        p_i, p_f, p_o = np.split(p.weight_peephole, 3)
        a_i, a_f, a_g, a_o = np.split(a_x + h_rec @ p.weight_hh.T + p.bias_hh, 4, axis=-1)
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
        p_i, p_f, p_o = np.split(p.weight_peephole, 3)
        d_o = d_h * tanh_c * sigmoid_gradient(o)
        d_c_new = d_c_new + d_h * o * tanh_gradient(tanh_c) + d_o * p_o
        d_f = d_c_new * c * sigmoid_gradient(f)
        d_i = d_c_new * (m * g) * sigmoid_gradient(i)
        d_g = d_c_new * (i * m) * tanh_gradient(g)
        d_c = d_c_new * f + d_i * p_i + d_f * p_f
        d_a = np.concatenate([d_i, d_f, d_g, d_o], axis=-1)
        d_peephole = np.concatenate([d_i * c, d_f * c, d_o * c_new], axis=-1)
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a, "weight_peephole": d_peephole}
        return d_a, d_a @ p.weight_hh, (0.0, d_c), d_p


class CoupledLSTMStep(Cell):
    """One gate decides: what is forgotten is replaced, i = 1 - f (Greff et al. 2017, arXiv
    1503.04069: CIFG).

    Rows f, g, o. Greff et al. keep i and set f = 1 - i: the same model after a change of sign of
    that gate's weights.
    """

    gates, states = 3, ("h", "c")
    recorded = ("i", "f", "g", "o")
    forget_gate = 0

    def step(
        self,
        a_x: Array,
        h_rec: Array,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        a_f, a_g, a_o = np.split(a_x + h_rec @ p.weight_hh.T + p.bias_hh, 3, axis=-1)
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
        d_a = np.concatenate([d_f, d_g, d_o], axis=-1)
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, d_a @ p.weight_hh, (0.0, d_c_new * f), d_p


class NoForgetGateLSTMStep(Cell):
    """The cell only adds: c_t = c_{t-1} + i * g, the idea of Hochreiter & Schmidhuber 1997 (Neural
    Computation 9:1735-1780).

    Rows i, g, o. Not the whole cell of 1997, which squashes otherwise and truncates its gradients.
    """

    gates, states = 3, ("h", "c")
    recorded = ("i", "g", "o")

    def step(
        self,
        a_x: Array,
        h_rec: Array,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        a_i, a_g, a_o = np.split(a_x + h_rec @ p.weight_hh.T + p.bias_hh, 3, axis=-1)
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
        d_a = np.concatenate([d_i, d_g, d_o], axis=-1)
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, d_a @ p.weight_hh, (0.0, d_c_new), d_p


class LayerNormRNNStep(Cell):
    """The sum of both products is normalised once (Ba et al. 2016, arXiv 1607.06450).

    ``gain`` (H,) scales it; bias_ih and bias_hh shift it.
    """

    gates, states = 1, ("h",)
    extra = {"gain": 1}
    constants = {"gain": 1.0}
    input_bias = False

    def __init__(self, nonlinearity: str = "tanh") -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        self.nonlinearity = nonlinearity

    def step(
        self, a_x: Array, h_rec: Array, state: State, p: SimpleNamespace
    ) -> tuple[State, Saved]:
        normal, inverse = normalise(a_x + h_rec @ p.weight_hh.T)
        a = normal * p.gain + p.bias_ih + p.bias_hh
        h = relu(a) if self.nonlinearity == "relu" else np.tanh(a)
        return (h,), (h, h_rec, normal, inverse)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        (d_h,) = d_new_state
        h, h_rec, normal, inverse = saved
        d_a = d_h * (relu_gradient(h) if self.nonlinearity == "relu" else tanh_gradient(h))
        d_sum = normalise_gradient(d_a * p.gain, normal, inverse)
        d_p = {"weight_hh": (d_sum, h_rec), "bias_ih": d_a, "bias_hh": d_a, "gain": d_a * normal}
        return d_sum, d_sum @ p.weight_hh, (0.0,), d_p


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

    def step(
        self,
        a_x: Array,
        h_rec: Array,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        normal_x = normalise(a_x)
        normal_h = normalise(h_rec @ p.weight_hh.T)
        a = normal_x[0] * p.gain_ih + p.bias_ih + normal_h[0] * p.gain_hh + p.bias_hh
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=-1)
        i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
        g = np.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        normal_c = normalise(c_new)
        tanh_c = np.tanh(normal_c[0] * p.gain_c + p.shift_c)
        return (o * tanh_c, c_new), (i, f, g, o, c, tanh_c, h_rec, m, normal_x, normal_h, normal_c)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        d_h, d_c_new = d_new_state
        i, f, g, o, c, tanh_c, h_rec, m, normal_x, normal_h, normal_c = saved
        d_o = d_h * tanh_c * sigmoid_gradient(o)
        d_shown = d_h * o * tanh_gradient(tanh_c)
        d_c_new = d_c_new + normalise_gradient(d_shown * p.gain_c, *normal_c)
        d_f = d_c_new * c * sigmoid_gradient(f)
        d_i = d_c_new * (m * g) * sigmoid_gradient(i)
        d_g = d_c_new * (i * m) * tanh_gradient(g)
        d_a = np.concatenate([d_i, d_f, d_g, d_o], axis=-1)
        d_x = normalise_gradient(d_a * p.gain_ih, *normal_x)
        d_product = normalise_gradient(d_a * p.gain_hh, *normal_h)
        d_p = {
            "weight_hh": (d_product, h_rec),
            "bias_ih": d_a,
            "bias_hh": d_a,
            "gain_ih": d_a * normal_x[0],
            "gain_hh": d_a * normal_h[0],
            "gain_c": d_shown * normal_c[0],
            "shift_c": d_shown,
        }
        return d_x, d_product @ p.weight_hh, (0.0, d_c_new * f), d_p


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

    def step(
        self,
        a_x: Array,
        h_rec: Array,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        (h,) = state
        x_rz, x_n = self._split(a_x)
        h_rz, h_n = self._split(h_rec @ p.weight_hh.T)
        normals = [normalise(part) for part in (x_rz, x_n, h_rz, h_n)]
        s_x = np.concatenate([normals[0][0], normals[1][0]], axis=-1)
        s_h = np.concatenate([normals[2][0], normals[3][0]], axis=-1)
        a_x_rz, a_x_n = self._split(s_x * p.gain_ih + p.bias_ih)
        a_h_rz, a_h_n = self._split(s_h * p.gain_hh + p.bias_hh)
        r, z = np.split(sigmoid(a_x_rz + a_h_rz), 2, axis=-1)
        n = np.tanh(a_x_n + r * a_h_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n, h, a_h_n, h_rec, m, s_x, s_h, normals)

    def step_gradient(self, d_new_state: State, saved: Saved, p: SimpleNamespace) -> Gradients:
        (d_h_new,) = d_new_state
        r, z, n, h, a_h_n, h_rec, m, s_x, s_h, normals = saved
        d_z = d_h_new * (h - m * n) * sigmoid_gradient(z)
        d_n = d_h_new * ((1 - z) * m) * tanh_gradient(n)
        d_r = d_n * a_h_n * sigmoid_gradient(r)
        d_a_x = np.concatenate([d_r, d_z, d_n], axis=-1)
        d_a_h = np.concatenate([d_r, d_z, d_n * r], axis=-1)
        d_parts = [*self._split(d_a_x * p.gain_ih), *self._split(d_a_h * p.gain_hh)]
        d_parts = [normalise_gradient(d, *s) for d, s in zip(d_parts, normals, strict=True)]
        d_x, d_product = (np.concatenate(d_parts[k : k + 2], axis=-1) for k in (0, 2))
        d_p = {
            "weight_hh": (d_product, h_rec),
            "bias_ih": d_a_x,
            "bias_hh": d_a_h,
            "gain_ih": d_a_x * s_x,
            "gain_hh": d_a_h * s_h,
        }
        return d_x, d_product @ p.weight_hh, (d_h_new * z,), d_p

    @staticmethod
    def _split(rows: Array) -> list[Array]:
        """(N, 3H) -> r and z together (N, 2H), and n (N, H)."""
        return np.split(rows, [rows.shape[-1] // 3 * 2], axis=-1)


class PeepholeLSTM(Recurrent):
    """A layer of `PeepholeLSTMStep`; arguments as for `Recurrent`, without the cell."""

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **options: Any) -> None:
        super().__init__(PeepholeLSTMStep(), input_size, hidden_size, *args, **options)


class CoupledLSTM(Recurrent):
    """A layer of `CoupledLSTMStep`; arguments as for `Recurrent`, without the cell."""

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **options: Any) -> None:
        super().__init__(CoupledLSTMStep(), input_size, hidden_size, *args, **options)


class NoForgetGateLSTM(Recurrent):
    """A layer of `NoForgetGateLSTMStep`; arguments as for `Recurrent`, without the cell."""

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **options: Any) -> None:
        super().__init__(NoForgetGateLSTMStep(), input_size, hidden_size, *args, **options)


class LayerNormRNN(Recurrent):
    """A layer of `LayerNormRNNStep`; arguments as for `RNN`."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args: Any,
        **options: Any,
    ) -> None:
        cell = LayerNormRNNStep(nonlinearity)
        super().__init__(cell, input_size, hidden_size, num_layers, *args, **options)


class LayerNormLSTM(Recurrent):
    """A layer of `LayerNormLSTMStep`; arguments as for `Recurrent`, without the cell."""

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **options: Any) -> None:
        super().__init__(LayerNormLSTMStep(), input_size, hidden_size, *args, **options)


class LayerNormGRU(Recurrent):
    """A layer of `LayerNormGRUStep`; arguments as for `Recurrent`, without the cell."""

    def __init__(self, input_size: int, hidden_size: int, *args: Any, **options: Any) -> None:
        super().__init__(LayerNormGRUStep(), input_size, hidden_size, *args, **options)
