"""A plain RNN and an LSTM with any squashing function, in PyTorch, with a backward pass by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_book.experiments.starts import Start, fresh

__all__ = ["NETS", "SQUASH", "Squashed"]

SQUASH: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "2 sigmoid - 1": lambda a: 2 * torch.sigmoid(a) - 1,
}
SLOPE: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: y * (1 - y),
    "2 sigmoid - 1": lambda y: (1 - y * y) / 2,
}
"""Slope of each function where it gives y."""
NETS: dict[str, tuple[str, ...]] = {
    "RNN, tanh": ("tanh",),
    "RNN, sigmoid": ("sigmoid",),
    "RNN, 2 sigmoid - 1": ("2 sigmoid - 1",),
    "LSTM, tanh": ("tanh", "tanh"),
    "LSTM, candidate sigmoid": ("sigmoid", "tanh"),
    "LSTM, output sigmoid": ("tanh", "sigmoid"),
    "LSTM, both sigmoid": ("sigmoid", "sigmoid"),
    "LSTM, both 2 sigmoid - 1": ("2 sigmoid - 1", "2 sigmoid - 1"),
}
"""Name -> the squashing of an RNN's state; of an LSTM's candidate, and of its cell state on the way
out."""


class Squashed(torch.nn.Module):
    """One layer: an RNN with an orthogonal recurrent matrix, or an LSTM with forget bias 1.

    Parameters
    ----------
    net
        One of `NETS`.
    inputs, hidden
        Sizes.
    rng
        Of the weights.
    dtype
        Of the weights.
    """

    def __init__(
        self,
        net: str,
        inputs: int,
        hidden: int,
        rng: np.random.Generator,
        dtype: type = np.float32,
    ) -> None:
        super().__init__()
        squash = NETS[net]
        start = Start("LSTM", 1) if len(squash) == 2 else Start("RNN", "orthogonal")
        layer = fresh(start, inputs, hidden, 0, rng, dtype=dtype)
        self.hidden, self.shapes, self.squash = hidden, len(squash), squash
        self.state, self.out = SQUASH[squash[0]], SQUASH[squash[-1]]
        self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh = (
            torch.nn.Parameter(torch.from_numpy(layer.parameters[f"{name}_l0"].copy()))
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )

    def step(self, a: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The new state, from the sum of both products and all biases, (N, gates H)."""
        if self.shapes == 1:
            return (self.state(a),)
        _, c = state
        a_i, a_f, a_g, a_o = a.chunk(4, dim=-1)
        c = torch.sigmoid(a_f) * c + torch.sigmoid(a_i) * self.state(a_g)
        return torch.sigmoid(a_o) * self.out(c), c

    def product(self, x: Tensor) -> Tensor:
        """What the input and the biases add to the sum."""
        return x @ self.weight_ih.T + (self.bias_ih + self.bias_hh)

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (T, N, H) for x (T, N, inputs), from a state of zeros."""
        sweep = _PlainSweep if self.shapes == 1 else _LSTMSweep
        found: Tensor = sweep.apply(self.product(x), self.weight_hh, *self.squash)
        return found


def _before(states: Tensor) -> Tensor:
    """The state (T, N, H) before each step, which begins with zeros."""
    return torch.cat([torch.zeros_like(states[:1]), states[:-1]])


class _PlainSweep(torch.autograd.Function):
    """The plain network over all steps; what autograd would do, in a tenth of the calls."""

    @staticmethod
    def forward(ctx: Any, a_x: Tensor, weight: Tensor, squash: str) -> Tensor:
        h, w, outputs = torch.zeros_like(a_x[0]), weight.T, []
        for a in a_x.unbind():
            h = SQUASH[squash](torch.addmm(a, h, w))
            outputs.append(h)
        ctx.squash = squash
        ctx.save_for_backward(torch.stack(outputs), weight)
        return torch.stack(outputs)

    @staticmethod
    def backward(ctx: Any, d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        outputs, weight = ctx.saved_tensors
        d_a = torch.empty_like(outputs)
        slopes, d_h = SLOPE[ctx.squash](outputs).unbind(), torch.zeros_like(outputs[0])
        for t in reversed(range(len(d_a))):
            torch.mul(d_outputs[t] + d_h, slopes[t], out=d_a[t])
            d_h = d_a[t] @ weight
        return d_a, _product_gradient(d_a, outputs), None


class _LSTMSweep(torch.autograd.Function):
    """The LSTM over all steps."""

    @staticmethod
    def forward(ctx: Any, a_x: Tensor, weight: Tensor, candidate: str, out: str) -> Tensor:
        hidden, w = weight.shape[1], weight.T
        h = c = a_x.new_zeros(a_x.shape[1], hidden)
        kept: list[tuple[Tensor, ...]] = []
        for a in a_x.unbind():
            a = torch.addmm(a, h, w)
            gates, g = torch.sigmoid(a), SQUASH[candidate](a[:, 2 * hidden : 3 * hidden])
            i, f, _, o = gates.chunk(4, dim=-1)
            c = torch.addcmul(f * c, i, g)
            q = SQUASH[out](c)
            h = o * q
            kept.append((gates, g, c, q, h))
        saved = [torch.stack(part) for part in zip(*kept, strict=True)]
        ctx.names = candidate, out
        ctx.save_for_backward(*saved, weight)
        return saved[-1].clone()

    @staticmethod
    def backward(ctx: Any, d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        gates, g, c, q, outputs, weight = ctx.saved_tensors
        candidate, out = ctx.names
        i, f, _, o = gates.chunk(4, dim=-1)
        # What of a gradient for c comes to each sum, and what of one for h to o's sum and to c.
        through_c = torch.stack(
            [g * SLOPE["sigmoid"](i), _before(c) * SLOPE["sigmoid"](f), i * SLOPE[candidate](g)],
            dim=2,
        )
        through_o, to_c = q * SLOPE["sigmoid"](o), o * SLOPE[out](q)
        d_a = torch.empty_like(gates)
        hidden = weight.shape[1]
        d_h = d_c = torch.zeros_like(outputs[0])
        for t in reversed(range(len(d_a))):
            d_h = d_outputs[t] + d_h
            d_c = torch.addcmul(d_c, d_h, to_c[t])
            parts = d_a[t].view(-1, 4, hidden)
            torch.mul(d_c[:, None], through_c[t], out=parts[:, :3])
            torch.mul(d_h, through_o[t], out=parts[:, 3])
            d_h, d_c = d_a[t] @ weight, d_c * f[t]
        return d_a, _product_gradient(d_a, outputs), None, None


def _product_gradient(d_a: Tensor, outputs: Tensor) -> Tensor:
    """Gradient (gates H, H) of the recurrent matrix."""
    return d_a.flatten(0, 1).T @ _before(outputs).flatten(0, 1)
