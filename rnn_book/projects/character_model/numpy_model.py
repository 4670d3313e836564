"""The same network in NumPy: it loads the same weights and writes the same text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.numpy import GRU, LSTM, Embedding, Linear
from rnn_book.projects.character_model.checkpoint import Trained

__all__ = ["CharacterModel"]


class CharacterModel:
    """Scores for the next character after each character; for use, not for training.

    Parameters
    ----------
    size
        Number of symbols K.
    settings
        Kind and sizes of the layers.
    """

    def __init__(self, size: int, settings: Any) -> None:
        kind = {"LSTM": LSTM, "GRU": GRU}[settings.kind]
        self.embedding = Embedding(size, settings.embedding, rng=0).eval()
        self.recurrent = kind(settings.embedding, settings.hidden, settings.layers, rng=0).eval()
        self.linear = Linear(settings.hidden, size, rng=0).eval()

    @classmethod
    def of(cls, trained: Trained) -> CharacterModel:
        """A model with trained weights."""
        model = cls(len(trained.vocabulary), trained.settings)
        for name in ("embedding", "recurrent", "linear"):
            own = {
                key.removeprefix(f"{name}."): value
                for key, value in trained.weights.items()
                if key.startswith(f"{name}.")
            }
            getattr(model, name).load_state_dict(own)
        return model

    def __call__(self, symbols: NDArray[np.int64], state: Any = None) -> tuple[NDArray, Any]:
        """Scores (T, N, K) for the characters that follow symbols (T, N), and the state."""
        output, state = self.recurrent(self.embedding(symbols), state)
        return self.linear(output), state

    def step(self, numbers: NDArray[np.int64], state: Any) -> tuple[NDArray[np.float32], Any]:
        """Scores (K,) after the last of the numbers (T,), and the state."""
        scores, state = self(numbers[:, None], state)
        return scores[-1, 0], state
