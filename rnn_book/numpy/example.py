"""The running example of the gate pages in NumPy; what it is says `rnn_book.example`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book import example
from rnn_book.numpy.gru import GRU, GRUCell
from rnn_book.numpy.lstm import LSTM, LSTMCell

__all__ = ["cell", "gru_cell", "gru_layer", "layer", "sequence"]


def sequence(values: Iterable[float] = example.SEQUENCE) -> NDArray[np.float64]:
    """The book's sequence, or another with one number a step: an array (T, 1, 1)."""
    return example.sequence(values)


def cell() -> LSTMCell:
    """The LSTM cell of two units, in float64."""
    return _filled(LSTMCell, example.weights())


def layer() -> LSTM:
    """An LSTM layer with the weights of the cell, in float64."""
    return _filled(LSTM, example.weights(layer=True))


def gru_cell() -> GRUCell:
    """The GRU cell of two units, in float64."""
    return _filled(GRUCell, example.gru_weights())


def gru_layer() -> GRU:
    """A GRU layer with the weights of the GRU cell, in float64."""
    return _filled(GRU, example.gru_weights(layer=True))


def _filled(kind: Any, weights: Any) -> Any:
    built = kind(example.INPUTS, example.HIDDEN, rng=0, dtype="float64")
    built.load_state_dict(weights)
    return built
