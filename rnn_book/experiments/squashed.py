"""A plain RNN and an LSTM with any squashing function, written out step by step in PyTorch."""

from __future__ import annotations

from collections.abc import Callable

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
        self.hidden, self.shapes = hidden, len(squash)
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
        state = (x.new_zeros(x.shape[1], self.hidden),) * self.shapes
        outputs, w = [], self.weight_hh.T
        for a_x in self.product(x):
            state = self.step(torch.addmm(a_x, state[0], w), state)
            outputs.append(state[0])
        return torch.stack(outputs)
