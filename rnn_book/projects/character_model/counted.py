"""Counted n-grams of any order, interpolated: the rival that a character model has to beat.

Jelinek & Mercer 1980: the estimate of each order is mixed with that of the order below, with a
weight that depends on how often the context was seen, and the weights are fitted on validation
text.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnn_book.checks import check_size

__all__ = ["Counted", "interpolated"]

Numbers = NDArray[np.int64]
ROUNDS = 40  # of expectation maximisation, for each weight: far past the fourth decimal


class Counted(NamedTuple):
    """What the n-grams up to some order give to the symbols of two texts."""

    order: int
    validation: NDArray[np.float64]
    """(T,): probability of each symbol, given those before it."""
    test: NDArray[np.float64]

    @property
    def bits(self) -> tuple[float, float]:
        """Bits per symbol on validation and test text."""
        return tuple(float(-np.log2(p).mean()) for p in (self.validation, self.test))  # type: ignore[return-value]  # two of them


def interpolated(
    train: ArrayLike, validation: ArrayLike, test: ArrayLike, *, size: int, order: int
) -> list[Counted]:
    """Interpolated n-grams of every order from 1 to `order`.

    Parameters
    ----------
    train, validation, test
        Numbers (T,) of symbols, from 0 to size - 1. Contexts are counted in the training text; the
        validation text fits the weights.
    size
        Number of symbols K. The order below the first gives 1/K to each.
    order
        Largest n, the predicted symbol included.

    Returns
    -------
    list of Counted
        One an order. Probabilities sum to 1 over all symbols, whatever the context.

    Raises
    ------
    ValueError
        If a text is empty, or holds other numbers.
    """
    size, order = check_size("size", size), check_size("order", order)
    texts = {"train": train, "validation": validation, "test": test}
    parts = [_numbers(name, text, size) for name, text in texts.items()]
    symbols = np.concatenate(parts)
    edges = np.cumsum([0, *map(len, parts)])
    own, held, unseen = (slice(a, b) for a, b in pairwise(edges))
    age = np.concatenate([np.arange(len(part)) for part in parts])  # symbols before it, in its text
    known = np.zeros(len(symbols), bool)
    known[own] = True
    chance = np.full(len(symbols), 1 / size)
    context = np.zeros(len(symbols), np.int64)  # number of what precedes each symbol
    found = []
    for n in range(1, order + 1):
        _, gram = np.unique(context * size + symbols, return_inverse=True)
        whole = age >= n - 1
        counted = known & whole
        seen = np.bincount(gram[counted], minlength=gram.max() + 1)[gram]
        times = np.bincount(context[counted], minlength=context.max() + 1)[context]
        usable = whole & (times > 0)
        ratio = np.where(usable, seen / np.maximum(times, 1), 0.0)
        bucket = np.where(usable, 1 + np.floor(np.log2(np.maximum(times, 1))), 0).astype(int)
        weights = _fit(ratio[held], chance[held], bucket[held], bucket.max() + 1)
        weight = weights[bucket]
        chance = np.where(usable, weight * ratio + (1 - weight) * chance, chance)
        found.append(Counted(n, chance[held].copy(), chance[unseen].copy()))
        # The gram that ends one symbol earlier is the context of the next order.
        context = np.concatenate([[0], gram[:-1]]).astype(np.int64)
    return found


def _fit(higher: NDArray, lower: NDArray, bucket: NDArray, buckets: int) -> NDArray[np.float64]:
    """The weight of the higher order in each bucket that gives a text the largest probability."""
    weights = np.full(buckets, 0.5)
    weights[0] = 0.0
    count = np.bincount(bucket, minlength=buckets)
    for _ in range(ROUNDS):
        share = weights[bucket] * higher
        share /= share + (1 - weights[bucket]) * lower
        total = np.bincount(bucket, share, minlength=buckets)
        # One more of each: a bucket that validation text hardly visits stays near the middle, and
        # a weight of 1, which forbids what was never seen, does not occur.
        weights[1:] = (total[1:] + 1) / (count[1:] + 2)
    return weights


def _numbers(name: str, text: ArrayLike, size: int) -> Numbers:
    numbers = np.asarray(text)
    good = numbers.ndim == 1 and numbers.size and numbers.dtype.kind in "iu"
    if not good or numbers.min() < 0 or numbers.max() >= size:
        raise ValueError(f"{name} must be integers from 0 to {size - 1}, of shape (T,)")
    return numbers.astype(np.int64)
