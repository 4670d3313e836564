"""The running example of the gate pages in PyTorch; what it is says `rnn_book.example`."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from rnn_book import example
from rnn_book.torch.lstm import LSTM, LSTMCell

__all__ = ["cell", "layer", "sequence"]


def sequence(values: Iterable[float] = example.SEQUENCE) -> torch.Tensor:
    """The book's sequence, or another with one number a step: a tensor (T, 1, 1)."""
    return torch.from_numpy(example.sequence(values))


def cell() -> LSTMCell:
    """The cell of two units, in float64."""
    built = LSTMCell(example.INPUTS, example.HIDDEN, rng=0, dtype=torch.float64)
    built.load_state_dict({k: torch.from_numpy(v) for k, v in example.weights().items()})
    return built


def layer() -> LSTM:
    """A layer with the weights of the cell, in float64."""
    built = LSTM(example.INPUTS, example.HIDDEN, rng=0, dtype=torch.float64)
    built.load_state_dict({k: torch.from_numpy(v) for k, v in example.weights(layer=True).items()})
    return built
