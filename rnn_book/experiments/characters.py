"""A character model and its training, shared by the claims on dropout and on stacking."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from rnn_book.datasets import Vocabulary, consecutive, reference_text, streams
from rnn_book.torch import (
    LSTM,
    Adam,
    Dropout,
    Embedding,
    Linear,
    clip_grad_norm,
    cross_entropy,
)

__all__ = [
    "CharacterModel",
    "Texts",
    "Training",
    "bits",
    "errors_saved",
    "extracts",
    "texts",
    "train_model",
]

HELD_OUT_STREAMS = 50
"""Texts that are only read run as many streams side by side: few calls, each of many rows."""

EXTRACT = 1000  # characters
SHOWN = 10_000  # characters of the training text that are scored at each look


class Texts(NamedTuple):
    """Numbers (T,) of characters, and how many there are."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    size: int


def texts(train: int | None = None, held_out: int | None = None) -> Texts:
    """Python's language reference as numbers.

    Parameters
    ----------
    train, held_out
        Characters that are kept of the training part, and of validation and test part each, in
        `extracts`; None keeps all.
    """
    corpus = reference_text()
    parts = (
        extracts(corpus.train, train),
        extracts(corpus.validation, held_out),
        extracts(corpus.test, held_out),
    )
    vocabulary = Vocabulary(parts[0])
    train_part, validation, test = (vocabulary.encode(part) for part in parts)
    return Texts(train_part, validation, test, len(vocabulary))


def extracts(text: str, count: int | None) -> str:
    """About `count` characters of a text: extracts of 1,000 at equal distances, in order.

    The reference is in alphabetical order and its chapters differ. Its beginning alone would be a
    text of another kind than the rest.
    """
    if count is None or count >= len(text):
        return text
    begins = np.linspace(0, len(text) - EXTRACT, max(count // EXTRACT, 1)).astype(int)
    return "".join(text[begin : begin + EXTRACT] for begin in begins)


class CharacterModel(torch.nn.Module):
    """A vector for each character, an LSTM, a linear map to one score for each character.

    Parameters
    ----------
    size
        Number of characters K.
    embedding, hidden
        Length of a vector, and units of each layer.
    layers
        Number of layers.
    rng
        For weights, then masks.
    output_dropout
        Probability of dropout between the last layer and the linear map, anew at every step.
    **options
        Of `rnn_book.torch.LSTM`.
    """

    def __init__(
        self,
        size: int,
        embedding: int,
        hidden: int,
        layers: int = 1,
        *,
        rng: np.random.Generator,
        output_dropout: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__()
        self.embedding = Embedding(size, embedding, rng=rng)
        self.lstm = LSTM(embedding, hidden, layers, rng=rng, forget_bias=1.0, **options)
        self.drop = Dropout(output_dropout, rng=rng)
        self.linear = Linear(hidden, size, rng=rng)

    def forward(self, symbols: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Scores (T, N, K) for the next characters of symbols (T, N), and the state."""
        output, state = self.lstm(self.embedding(symbols), state)
        return self.linear(self.drop(output)), state


class Training(NamedTuple):
    """How a model is trained."""

    updates: int
    rate: float
    batch: int
    steps: int
    every: int
    """Updates from one look at the held-out text to the next; at most all of them."""


def train_model(
    model: CharacterModel,
    text: Texts,
    how: Training,
    *,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Train with Adam and truncated backpropagation; the best look at held-out text is kept.

    Parameters
    ----------
    model
        Left in evaluation mode, with the weights of the best look.
    text
        The three parts.
    how
        Length, rate and sizes.
    rng
        For where each pass over the text begins.

    Returns
    -------
    dict
        ``updates``; bits per character on ``train`` (its beginning) and ``validation`` at each
        of them; ``best``, the place of the best look; ``test`` of its weights, and ``test_at_end``
        of the last ones.
    """
    optimiser = Adam(model, how.rate)
    pieces = _pieces(text.train, how, rng)
    watched = {"train": text.train[:SHOWN], "validation": text.validation}
    found: dict[str, Any] = {name: [] for name in ("updates", *watched)}
    curve = found["validation"]
    kept = copy.deepcopy(model.state_dict())
    state: Any = None
    for update in range(1, how.updates + 1):
        model.train()
        symbols, targets, first = next(pieces)
        state = None if first else tuple(part.detach() for part in state)
        scores, state = model(torch.from_numpy(symbols), state)
        optimiser.zero_grad()
        cross_entropy(scores, torch.from_numpy(targets)).backward()
        clip_grad_norm(model, 1.0)
        optimiser.step()
        if update % how.every == 0:
            found["updates"].append(update)
            for name, numbers in watched.items():
                found[name].append(bits(model, numbers))
            if curve.index(min(curve)) == len(curve) - 1:
                kept = copy.deepcopy(model.state_dict())
    found["test_at_end"] = bits(model, text.test)
    model.load_state_dict(kept)
    return {**found, "best": curve.index(min(curve)), "test": bits(model, text.test)}


def _pieces(
    numbers: NDArray[np.int64], how: Training, rng: np.random.Generator
) -> Iterator[tuple[NDArray, NDArray, bool]]:
    """Inputs, targets, and whether a pass begins; each pass over the text cuts it elsewhere."""
    while True:
        turned = np.roll(numbers, -int(rng.integers(len(numbers))))
        first = True
        for symbols, targets in consecutive(streams(turned, how.batch), how.steps):
            yield symbols, targets, first
            first = False


def bits(model: CharacterModel, numbers: NDArray[np.int64], steps: int = 100) -> float:
    """Bits per character on a text that is read once, the state handed on; leaves training mode."""
    model.eval()
    state, total, count = None, 0.0, 0
    with torch.no_grad():
        for symbols, targets in consecutive(streams(numbers, HELD_OUT_STREAMS), steps):
            scores, state = model(torch.from_numpy(symbols), state)
            total += float(cross_entropy(scores, torch.from_numpy(targets))) * targets.size
            count += targets.size
    return total / count / math.log(2)


def errors_saved(without: ArrayLike, with_it: ArrayLike) -> float:
    """By how much the mean of scores falls, in standard errors of the difference of two means.

    Parameters
    ----------
    without, with_it
        (seeds,) each, at least two, of scores where less is better.
    """
    before, after = np.asarray(without, float), np.asarray(with_it, float)
    error = math.sqrt(before.var(ddof=1) / len(before) + after.var(ddof=1) / len(after))
    return float((before.mean() - after.mean()) / max(error, 1e-12))
