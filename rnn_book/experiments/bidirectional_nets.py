"""Networks that answer at every step: one way, one way and late, or both ways, at equal size."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from rnn_book.torch import LSTM, Adam, Embedding, Linear, clip_grad_norm

__all__ = ["HIDDEN", "LATEST", "NETS", "Answerer", "Reader", "learn", "parameters", "width"]

NETS = {
    "one way": (False, 0),
    "one way, 1 late": (False, 1),
    "one way, 4 late": (False, 4),
    "one way, 12 late": (False, 12),
    "both ways": (True, 0),
}
"""Name -> whether it reads both ways, and how many steps its answers come late."""
EMBEDDING, HIDDEN = 16, 48
LATEST = 12
"""Steps that follow those that are scored."""


def parameters(inputs: int, hidden: int, outputs: int, both: bool) -> int:
    """Number of parameters of an LSTM, in one direction or two, and the linear map behind it."""
    directions = 1 + both
    layer = 4 * (hidden * (inputs + hidden) + 2 * hidden)
    return directions * layer + (directions * hidden + 1) * outputs


def width(inputs: int, hidden: int, outputs: int, both: bool) -> int:
    """Units of each direction for about as many parameters as `hidden` units have in one."""
    budget = parameters(inputs, hidden, outputs, both=False)
    return min(
        range(1, hidden + 1),
        key=lambda units: abs(parameters(inputs, units, outputs, both) - budget),
    )


class Reader(torch.nn.Module):
    """A vector for each symbol, an LSTM with forget bias 1, scores for each step."""

    def __init__(self, size: int, outputs: int, both: bool, rng: np.random.Generator) -> None:
        super().__init__()
        hidden = width(EMBEDDING, HIDDEN, outputs, both)
        self.embedding = Embedding(size, EMBEDDING, rng=rng)
        self.lstm = LSTM(EMBEDDING, hidden, bidirectional=both, forget_bias=1.0, rng=rng)
        self.linear = Linear((1 + both) * hidden, outputs, rng=rng)

    def forward(self, symbols: Tensor) -> Tensor:
        """Scores (T, N, outputs) for symbols (T, N)."""
        return self.linear(self.lstm(self.embedding(symbols))[0])


class Answerer(torch.nn.Module):
    """Answers for every scored step, at once or some steps later."""

    def __init__(self, net: str, size: int, outputs: int, rng: np.random.Generator) -> None:
        super().__init__()
        self.both, self.late = NETS[net]
        self.reader = Reader(size, outputs, self.both, rng)

    def forward(self, symbols: Tensor) -> Tensor:
        """Scores (scored, N, outputs) for symbols (scored + `LATEST`, N).

        A network reads no further than it has to answer; one that reads both ways reads it all.
        """
        scored = len(symbols) - LATEST
        read = symbols if self.both else symbols[: scored + self.late]
        return self.reader(read)[self.late : self.late + scored]


def learn(model: torch.nn.Module, optimiser: Adam, loss: Tensor) -> None:
    """One update."""
    optimiser.zero_grad()
    loss.backward()
    clip_grad_norm(model, 1.0)
    optimiser.step()
