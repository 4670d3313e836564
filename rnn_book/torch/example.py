"""The running example of the gate pages in PyTorch; what it is says `rnn_book.example`."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from rnn_book import example
from rnn_book.torch.gru import GRU, GRUCell
from rnn_book.torch.lstm import LSTM, LSTMCell

__all__ = ["cell", "gru_cell", "gru_layer", "layer", "sequence"]


def sequence(values: Iterable[float] = example.SEQUENCE) -> torch.Tensor:
    """The book's sequence, or another with one number a step: a tensor (T, 1, 1)."""
    return torch.from_numpy(example.sequence(values))


def cell() -> LSTMCell:
    """The LSTM cell of two units, in float64."""
    built = LSTMCell(example.INPUTS, example.HIDDEN, rng=0, dtype=torch.float64)
    built.load_state_dict({k: torch.from_numpy(v) for k, v in example.weights().items()})
    return built


def layer() -> LSTM:
    """An LSTM layer with the weights of the cell, in float64."""
    built = LSTM(example.INPUTS, example.HIDDEN, rng=0, dtype=torch.float64)
    built.load_state_dict({k: torch.from_numpy(v) for k, v in example.weights(layer=True).items()})
    return built


def gru_cell() -> GRUCell:
    """The GRU cell of two units, in float64."""
    built = GRUCell(example.INPUTS, example.HIDDEN, rng=0, dtype=torch.float64)
    built.load_state_dict({k: torch.from_numpy(v) for k, v in example.gru_weights().items()})
    return built


def gru_layer() -> GRU:
    """A GRU layer with the weights of the GRU cell, in float64."""
    built = GRU(example.INPUTS, example.HIDDEN, rng=0, dtype=torch.float64)
    weights = example.gru_weights(layer=True)
    built.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
    return built
