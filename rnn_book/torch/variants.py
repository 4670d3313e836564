"""Variants of the LSTM, and layer normalisation: each a step that reads like its paper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from rnn_book.torch.functions import sigmoid
from rnn_book.torch.recurrent import Cell, Recurrent, State

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
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        p_i, p_f, p_o = torch.chunk(p.weight_peephole, 3)
        a_i, a_f, a_g, a_o = torch.chunk(a_x + h_rec @ p.weight_hh.T + p.bias_hh, 4, dim=-1)
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
    forget_gate = 0

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        a_f, a_g, a_o = torch.chunk(a_x + h_rec @ p.weight_hh.T + p.bias_hh, 3, dim=-1)
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

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        a_i, a_g, a_o = torch.chunk(a_x + h_rec @ p.weight_hh.T + p.bias_hh, 3, dim=-1)
        i, o = sigmoid(a_i), sigmoid(a_o)
        g = torch.tanh(a_g)
        m = candidate_mask
        c_new = c + i * (m * g)
        tanh_c = torch.tanh(c_new)
        return (o * tanh_c, c_new), (i, g, o)


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
        self, a_x: Tensor, h_rec: Tensor, state: State, p: SimpleNamespace
    ) -> tuple[State, Saved]:
        total = a_x + h_rec @ p.weight_hh.T
        a = layer_norm(total, p.gain.shape, p.gain, p.bias_ih) + p.bias_hh
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
    extra = {"gain_ih": 4, "gain_hh": 4, "gain_c": 1, "shift_c": 1}
    constants = {"gain_ih": 1.0, "gain_hh": 1.0, "gain_c": 1.0, "shift_c": 0.0}
    forget_gate = 1
    input_bias = False

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        _, c = state
        a_x = layer_norm(a_x, p.gain_ih.shape, p.gain_ih, p.bias_ih)
        a_h = layer_norm(h_rec @ p.weight_hh.T, p.gain_hh.shape, p.gain_hh, p.bias_hh)
        a_i, a_f, a_g, a_o = torch.chunk(a_x + a_h, 4, dim=-1)
        i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
        g = torch.tanh(a_g)
        m = candidate_mask
        c_new = f * c + i * (m * g)
        tanh_c = torch.tanh(layer_norm(c_new, p.gain_c.shape, p.gain_c, p.shift_c))
        return (o * tanh_c, c_new), (i, f, g, o)


class LayerNormGRUStep(Cell):
    """r and z are normalised jointly, n apart, on each side; the reset acts after the product.

    ``gain_ih`` and ``gain_hh`` (3H,) scale the products, bias_ih and bias_hh shift them (Ba et al.
    2016, arXiv 1607.06450).
    """

    gates, states = 3, ("h",)
    recorded = ("r", "z", "n")
    extra = {"gain_ih": 3, "gain_hh": 3}
    constants = {"gain_ih": 1.0, "gain_hh": 1.0}
    input_bias = False

    def step(
        self,
        a_x: Tensor,
        h_rec: Tensor,
        state: State,
        p: SimpleNamespace,
        candidate_mask: Any = 1.0,
    ) -> tuple[State, Saved]:
        (h,) = state
        a_x_rz, a_x_n = self._normalise(a_x, p.gain_ih, p.bias_ih)
        a_h_rz, a_h_n = self._normalise(h_rec @ p.weight_hh.T, p.gain_hh, p.bias_hh)
        r, z = torch.chunk(sigmoid(a_x_rz + a_h_rz), 2, dim=-1)
        n = torch.tanh(a_x_n + r * a_h_n)
        m = candidate_mask
        h_new = (1 - z) * (m * n) + z * h
        return (h_new,), (r, z, n)

    @staticmethod
    def _normalise(rows: Tensor, gain: Tensor, shift: Tensor) -> list[Tensor]:
        """Normalise rows (N, 3H): r and z together, (N, 2H), and n, (N, H)."""
        size = rows.shape[-1] // 3
        split = [torch.split(v, [2 * size, size], dim=-1) for v in (rows, gain, shift)]
        return [layer_norm(a, g.shape, g, s) for a, g, s in zip(*split, strict=True)]


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
