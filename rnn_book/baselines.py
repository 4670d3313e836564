"""What a network has to beat: n-grams on text, persistence and ridge on weather.

Every choice a baseline has is made on validation data, as for the networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnn_book.checks import check_size
from rnn_book.datasets import Windows

__all__ = ["Score", "ngram_bits", "persistence", "ridge"]


class Score(NamedTuple):
    """Score of a baseline on validation and test data, and the setting that validation chose."""

    validation: float
    test: float
    setting: float


def ngram_bits(
    train: ArrayLike,
    validation: ArrayLike,
    test: ArrayLike,
    *,
    size: int,
    order: int,
    discounts: Sequence[float] = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
) -> list[Score]:
    """Bits per symbol of n-gram models from 1 to `order`, smoothed by interpolation.

    Absolute discounting (Ney, Essen & Kneser 1994): every n-gram seen in training gives up a
    discount d, and what a context collects goes to the model one order lower, down to the uniform
    distribution. Each order's d is the one with the fewest bits on validation data, given the lower
    orders'. At the beginning of a text, where context is short, the order that fits it predicts.

    Parameters
    ----------
    train, validation, test
        Numbers (T,) of symbols, from 0 to size - 1.
    size
        Number of symbols, of `Vocabulary`: its length.
    order
        Largest n, counting the predicted symbol: 3 predicts from two symbols.
    discounts
        Discounts to choose from, between 0 and 1.

    Returns
    -------
    list of Score
        One an order, the setting being d. Probabilities sum to 1 over all symbols, seen or not.

    Raises
    ------
    ValueError
        If a text is empty or holds other numbers, or a discount does not lie between 0 and 1.
    """
    size, order = check_size("size", size), check_size("order", order)
    if not len(discounts) or not all(0 < d < 1 for d in discounts):
        raise ValueError(f"discounts must lie between 0 and 1, got {discounts}")
    texts = {"train": train, "validation": validation, "test": test}
    parts = [_numbers(name, text, size) for name, text in texts.items()]
    learnt, held_out = len(parts[0]), len(parts[1])
    symbols = np.concatenate(parts)
    age = np.concatenate([np.arange(len(part)) for part in parts])  # symbols before it in its text
    context = np.zeros(len(symbols), np.int64)  # a number for the n - 1 symbols before each one
    lower = np.full(len(symbols) - learnt, 1 / size)
    scores = []
    for n in range(1, order + 1):
        grams, gram = np.unique(context * size + symbols, return_inverse=True)
        whole = age >= n - 1  # where the text has begun early enough for so long a context
        counted = np.flatnonzero(whole[:learnt])
        seen = np.bincount(gram[counted], minlength=len(grams))
        times = np.bincount(context[counted], minlength=context.max() + 1)
        kinds = np.bincount(grams[seen > 0] // size, minlength=len(times))
        looked_up = (
            seen[gram[learnt:]],
            np.where(whole[learnt:], times[context[learnt:]], 0),
            kinds[context[learnt:]],
        )
        found = {d: _discounted(lower, *looked_up, d) for d in discounts}
        bits = {d: _bits(probabilities[:held_out]) for d, probabilities in found.items()}
        best = min(bits, key=bits.__getitem__)
        lower = found[best]
        scores.append(Score(bits[best], _bits(lower[held_out:]), best))
        # The n-gram that ends one symbol earlier is the context of the next order.
        context = np.concatenate([[0], gram[:-1]])
    return scores


def _numbers(name: str, text: ArrayLike, size: int) -> NDArray[np.int64]:
    numbers = np.asarray(text)
    good = numbers.ndim == 1 and numbers.size and numbers.dtype.kind in "iu"
    if not good or numbers.min() < 0 or numbers.max() >= size:
        raise ValueError(
            f"{name} must be integers from 0 to {size - 1}, of shape (T,), got {numbers}"
        )
    return numbers.astype(np.int64)


def _discounted(
    lower: NDArray, seen: NDArray, context: NDArray, kinds: NDArray, d: float
) -> NDArray:
    """Probability of each symbol, from that of the model one order lower, from how often n-gram and
    context were seen, and with how many symbols behind it.
    """
    known = context > 0
    total = np.where(known, context, 1)
    higher = np.maximum(seen - d, 0) / total + d * kinds / total * lower
    return np.where(known, higher, lower)


def _bits(probabilities: NDArray) -> float:
    return float(-np.log2(probabilities).mean())


def persistence(windows: Windows) -> float:
    """Mean absolute error, °C, of "tomorrow as today": the change is forecast to be 0."""
    return float(np.abs(windows.targets).mean())


def ridge(
    train: Windows,
    validation: Windows,
    test: Windows,
    *,
    penalties: Sequence[float] = (1e2, 1e3, 1e4, 3e4, 1e5, 3e5, 1e6),
) -> Score:
    """Mean absolute error, °C, of a linear forecast from all hours and features of a window.

    Least squares with a penalty on the weights' squares, not on the intercept, in closed form; the
    penalty is the one with the smallest error on validation data.

    Parameters
    ----------
    train, validation, test
        Windows with standardised inputs, so that one penalty suits all features.
    penalties
        Penalties to choose from, positive.

    Returns
    -------
    Score
        The setting is the penalty.

    Raises
    ------
    ValueError
        If a penalty is not positive.
    """
    if not len(penalties) or not all(penalty > 0 for penalty in penalties):
        raise ValueError(f"penalties must be positive, got {penalties}")
    rows, targets = _rows(train), train.targets.astype(np.float64)
    centre, level = rows.mean(axis=0), targets.mean(axis=0)
    rows, targets = rows - centre, targets - level
    # One decomposition serves every penalty.
    values, vectors = np.linalg.eigh(rows.T @ rows)
    projected = vectors.T @ (rows.T @ targets)

    def error(windows: Windows, penalty: float) -> float:
        weights = vectors @ (projected / (values[:, None] + penalty))
        forecast = (_rows(windows) - centre) @ weights + level
        return float(np.abs(forecast - windows.targets).mean())

    errors = {penalty: error(validation, penalty) for penalty in penalties}
    best = min(errors, key=errors.__getitem__)
    return Score(errors[best], error(test, best), best)


def _rows(windows: Windows) -> NDArray[np.float64]:
    """Inputs (T, N, F) as (N, T * F)."""
    steps, batch, features = windows.inputs.shape
    return windows.inputs.swapaxes(0, 1).reshape(batch, steps * features).astype(np.float64)
