"""A character model that trains in the page, in slices short enough to show what it does."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from rnn_book.datasets import Vocabulary, consecutive, streams, surnames
from rnn_book.numpy import (
    LSTM,
    Adam,
    Embedding,
    Linear,
    clip_grad_norm,
    cross_entropy,
    cross_entropy_gradient,
    softmax,
)

LEAST = 400
"""Characters that a text must have."""
SYMBOLS = 96
"""Rarer symbols count as one, so that an alphabet of thousands does not slow everything down."""


class Writer:
    """An LSTM that predicts the next character, and the state of its training.

    Parameters
    ----------
    text : str
        What it learns from, at least 400 characters.
    embedding, hidden : int
        Sizes. The defaults give pronounceable text after a minute in a browser.
    steps, batch : int
        Characters per update: ``steps`` in each of ``batch`` parts of the text.
    lr : float
        Learning rate of Adam.

    Raises
    ------
    ValueError
        If the text is too short.
    """

    def __init__(
        self,
        text: str,
        *,
        embedding: int = 32,
        hidden: int = 64,
        steps: int = 64,
        batch: int = 16,
        lr: float = 0.008,
    ) -> None:
        if len(text) < LEAST:
            raise ValueError(f"text must have at least {LEAST} characters, got {len(text)}")
        counts = np.sort(np.unique(list(text), return_counts=True)[1])
        rarest = counts[-SYMBOLS - 1] + 1 if len(counts) > SYMBOLS else 1
        self.vocabulary = Vocabulary(text, min_count=int(rarest))
        self.stream = streams(self.vocabulary.encode(text), batch)
        self.steps = steps
        rng = np.random.default_rng(0)
        size = len(self.vocabulary)
        self.embedding = Embedding(size, embedding, rng=rng)
        self.layer = LSTM(embedding, hidden, forget_bias=1.0, rng=rng)
        self.head = Linear(hidden, size, rng=rng)
        self.optimiser = Adam([self.embedding, self.layer, self.head], lr=lr)
        self.rng = rng
        self.updates = self.seen = 0
        self._batches: Iterator[tuple[np.ndarray, np.ndarray]] = iter(())
        self._state: Any = None

    def update(self) -> float:
        """Learn from the next characters; return the loss on them before, in bits."""
        batch = next(self._batches, None)
        if batch is None:  # the end of the text: begin again, with nothing remembered
            self._batches, self._state = consecutive(self.stream, self.steps), None
            batch = next(self._batches)
        x, targets = batch
        output, self._state = self.layer(self.embedding(x), self._state)
        logits = self.head(output)
        loss = cross_entropy(logits, targets)
        self.optimiser.zero_grad()
        d_x, _ = self.layer.backward(self.head.backward(cross_entropy_gradient(logits, targets)))
        self.embedding.backward(d_x)
        clip_grad_norm([self.embedding, self.layer, self.head], 1.0)
        self.optimiser.step()
        self.updates += 1
        self.seen += targets.size
        return loss / math.log(2)

    def write(self, length: int, temperature: float = 0.8) -> str:
        """Let it write, beginning after a new line or its commonest symbol.

        Parameters
        ----------
        length : int
            How many characters.
        temperature : float
            Below 1 it keeps to what it is sure of; above 1 it dares more.
        """
        symbols = self.vocabulary.symbols
        seen, counts = np.unique(self.stream, return_counts=True)
        last = symbols.find("\n") + 1 or int(seen[counts.argmax()])
        state, numbers = None, []
        for _ in range(length):
            output, state = self.layer(self.embedding(np.array([[last]])), state)
            scores = self.head(output)[0, 0].astype(np.float64) / temperature
            scores[0] = -np.inf  # never the sign for what is too rare to learn
            last = int(self.rng.choice(len(scores), p=softmax(scores)))
            numbers.append(last)
        return self.vocabulary.decode(numbers)


_writers: list[Writer] = []


def example() -> str:
    """A text to begin with: the surnames of the book's data, one per line."""
    names = surnames().train.texts
    order = np.random.default_rng(0).permutation(len(names))
    return "\n".join(names[k] for k in order)


def begin(text: str) -> dict[str, Any]:
    """Make a new model for a text; the one before is forgotten."""
    _writers[:] = [Writer(text)]
    (writer,) = _writers
    weights = sum(
        value.size
        for module in (writer.embedding, writer.layer, writer.head)
        for value in module.parameters.values()
    )
    return {"characters": len(text), "symbols": len(writer.vocabulary) - 1, "weights": weights}


def train(seconds: float) -> dict[str, Any]:
    """Learn for about so long, at least one update; return how it went."""
    (writer,) = _writers
    start = time.perf_counter()
    before = writer.seen
    losses: list[float] = []
    while not losses or time.perf_counter() - start < seconds:
        losses.append(writer.update())
    spent = time.perf_counter() - start
    return {
        "bits": sum(losses) / len(losses),
        "updates": writer.updates,
        "seen": writer.seen,
        "speed": (writer.seen - before) / spent,
    }


def write(length: int, temperature: float) -> str:
    """Let the model write."""
    (writer,) = _writers
    return writer.write(length, temperature)
