"""The network in PyTorch: a vector for each character, recurrent layers, scores for the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_book.projects.character_model.settings import Settings
from rnn_book.torch import GRU, LSTM, Dropout, Embedding, Linear

__all__ = ["CharacterModel", "recurrent_options"]


def recurrent_options(settings: Settings) -> dict[str, Any]:
    """The options of the recurrent layers that the settings ask for."""
    options: dict[str, Any] = {
        "dropout": settings.dropout if settings.layers > 1 else 0.0,
        "recurrent_dropout": settings.recurrent_dropout,
        "weight_drop": settings.weight_drop,
    }
    return options | ({"forget_bias": 1.0} if settings.kind == "LSTM" else {})


class CharacterModel(torch.nn.Module):
    """Scores for the next character after each character.

    Parameters
    ----------
    size
        Number of symbols K, the unknown one (number 0) included.
    settings
        Kind and sizes of the layers, and their regularisers.
    rng
        For weights, then masks.
    dtype
        Of the weights; float32 for None.
    """

    def __init__(
        self,
        size: int,
        settings: Settings,
        *,
        rng: np.random.Generator | int,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        kind = {"LSTM": LSTM, "GRU": GRU}[settings.kind]
        shared: dict[str, Any] = {
            "rng": np.random.default_rng(rng) if isinstance(rng, int) else rng
        }
        self.embedding = Embedding(size, settings.embedding, dtype=dtype, **shared)
        self.drop_in = Dropout(settings.dropout, **shared)
        self.recurrent = kind(
            settings.embedding,
            settings.hidden,
            settings.layers,
            dtype=dtype,
            **shared,
            **recurrent_options(settings),
        )
        self.drop_out = Dropout(settings.dropout, **shared)
        self.linear = Linear(settings.hidden, size, dtype=dtype, **shared)

    def forward(self, symbols: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Scores (T, N, K) for the characters that follow symbols (T, N), and the state."""
        output, state = self.recurrent(self.drop_in(self.embedding(symbols)), state)
        return self.linear(self.drop_out(output)), state
