"""Bits per character of a model on a text that it reads once, from its beginning to its end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_book.datasets import consecutive, streams
from rnn_book.projects.character_model.checkpoint import Trained
from rnn_book.projects.character_model.model import CharacterModel

__all__ = ["CODE_POINTS", "extract", "load_model", "mean_bits", "surprise"]

CODE_POINTS = 0x110000
"""Characters that Unicode has room for. A model only says "unknown", so whoever decodes needs to be
told which: log2 of this many bits, for every model alike."""


def load_model(trained: Trained, device: str | torch.device = "cpu") -> CharacterModel:
    """The torch model with trained weights, for use."""
    model = CharacterModel(len(trained.vocabulary), trained.settings, rng=0)
    model.load_state_dict({n: torch.from_numpy(w) for n, w in trained.weights.items()})
    return model.to(device).eval()


def surprise(
    model: CharacterModel, numbers: NDArray[np.int64], streams_of: int = 1, steps: int = 500
) -> NDArray[np.float64]:
    """Bits that each character but the first of its stream costs, in the order of the text.

    Parameters
    ----------
    model
        In evaluation mode.
    numbers
        (T,); 0 is unknown.
    streams_of
        Parts of the text that are read side by side: faster, and each part begins without a past.
    steps
        Length of a call.
    """
    device = next(model.parameters()).device
    state: Any = None
    found = []
    with torch.no_grad():
        for inputs, targets in consecutive(streams(numbers, streams_of), steps):
            symbols, wanted = (
                torch.from_numpy(np.ascontiguousarray(part)).to(device)
                for part in (inputs, targets)
            )
            scores, state = model(symbols, state)
            chances = torch.log_softmax(scores.double(), dim=-1)
            found.append(-chances.gather(-1, wanted[..., None])[..., 0].cpu().numpy())
    bits = np.concatenate(found) / math.log(2)
    bits += np.where(streams(numbers, streams_of)[1:] == 0, math.log2(CODE_POINTS), 0)
    return np.asarray(bits.T.reshape(-1), np.float64)


def mean_bits(model: CharacterModel, numbers: NDArray[np.int64], streams_of: int = 1) -> float:
    """The mean of `surprise`."""
    return float(surprise(model, numbers, streams_of).mean())


def extract(text: str, count: int, each: int = 2000) -> str:
    """About `count` characters of a text, in extracts at equal distances."""
    if count >= len(text):
        return text
    begins = np.linspace(0, len(text) - each, max(count // each, 1)).astype(int)
    return "".join(text[begin : begin + each] for begin in begins)
