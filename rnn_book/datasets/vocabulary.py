"""From text to integers, and from one long text to batches that continue one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_book.checks import check_size

__all__ = ["Vocabulary", "consecutive", "streams"]

UNKNOWN = "\ufffd"
"""How an unknown symbol is decoded: Unicode's replacement character."""


class Vocabulary:
    """The symbols of a text, numbered from 1 in their order in Unicode; 0 stands for any other.

    Build it from training text alone: a symbol that only test text has is unknown to the model too.

    Parameters
    ----------
    text
        A text, or several.
    min_count
        Symbols that occur less often are left out.

    Attributes
    ----------
    symbols : str
        ``symbols[i - 1]`` has the number i.
    """

    def __init__(self, text: str | Iterable[str], *, min_count: int = 1) -> None:
        min_count = check_size("min_count", min_count)
        counts: Counter[str] = Counter()
        for part in [text] if isinstance(text, str) else text:
            counts.update(part)
        self.symbols = "".join(sorted(s for s, n in counts.items() if n >= min_count))
        self._numbers = np.zeros(max(map(ord, self.symbols), default=-1) + 2, np.int64)
        self._numbers[[ord(s) for s in self.symbols]] = np.arange(1, len(self.symbols) + 1)

    def __len__(self) -> int:
        return len(self.symbols) + 1

    def __repr__(self) -> str:
        return f"Vocabulary of {len(self)}: unknown and {self.symbols!r}"

    def encode(self, text: str) -> NDArray[np.int64]:
        """Numbers (T,) of the symbols of `text`."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        return self._numbers[np.minimum(points, len(self._numbers) - 1)]

    def decode(self, numbers: Iterable[int]) -> str:
        """Text of `numbers`.

        Raises
        ------
        ValueError
            If a number is not one of this vocabulary's.
        """
        known = UNKNOWN + self.symbols
        numbers = list(numbers)
        if numbers and not 0 <= min(numbers) <= max(numbers) < len(known):
            raise ValueError(f"numbers must be from 0 to {len(known) - 1}, got {numbers}")
        return "".join(known[i] for i in numbers)

    def encode_batch(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers (T, N) of N short texts, filled up with 0, and their lengths (N,)."""
        lengths = np.array([len(text) for text in texts], np.int64)
        numbers = np.zeros((max(lengths, default=0), len(texts)), np.int64)
        for n, text in enumerate(texts):
            numbers[: len(text), n] = self.encode(text)
        return numbers, lengths


def streams(numbers: NDArray, batch: int) -> NDArray:
    """Cut a long sequence (L, ...) into N consecutive parts, side by side: (T, N, ...), T = L // N.

    Sequence n is the n-th part, so that the final state of one batch is the right initial state of
    the next. What is left over at the end, fewer than N entries, is dropped.

    Raises
    ------
    ValueError
        If `batch` is below 1, or there is not one entry for each stream.
    """
    batch = check_size("batch", batch)
    numbers = np.asarray(numbers)
    steps = len(numbers) // batch
    if steps == 0:
        raise ValueError(
            f"numbers must have an entry for each of {batch} streams, got {len(numbers)}"
        )
    parts = numbers[: steps * batch].reshape(batch, steps, *numbers.shape[1:])
    return np.ascontiguousarray(parts.swapaxes(0, 1))


def consecutive(stream: NDArray, steps: int) -> Iterator[tuple[NDArray, NDArray]]:
    """Batches of `stream` for truncated backpropagation, each beginning where the last one stopped.

    Parameters
    ----------
    stream
        (T, N), of `streams`.
    steps
        Length of a batch; the last one may be shorter.

    Yields
    ------
    tuple of ndarray
        Inputs and targets, (steps, N) each: the target is the input one step later. Every entry but
        the first is a target exactly once.

    Raises
    ------
    ValueError
        If `steps` is below 1, or the stream has no second step to predict.
    """
    steps = check_size("steps", steps)
    if len(stream) < 2:
        raise ValueError(f"stream must have at least 2 steps, got {len(stream)}")
    return (
        (stream[begin : begin + steps][: len(stream) - 1 - begin], stream[begin + 1 :][:steps])
        for begin in range(0, len(stream) - 1, steps)
    )
