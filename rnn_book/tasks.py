"""Generated tasks: seeded, of any length, with known answers and known scores for guessing.

All arrays are time-major: T steps, N sequences, F features. The grammars live in
`rnn_book.grammars` and are offered here as well. One seed gives the same arrays on every machine
that runs the same NumPy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnn_book.checks import check_size
from rnn_book.draws import Rng, generator
from rnn_book.grammars import *  # noqa: F403 - what is offered here as well, by its __all__
from rnn_book.grammars import __all__ as _grammars
from rnn_book.grammars import one_hot

__all__ = ["Batch", "adding", "adding_baseline", "recall", *_grammars]


class Batch(NamedTuple):
    """Inputs and targets of a batch; unpacks as ``inputs, targets = ...``."""

    inputs: NDArray[np.floating]
    """(T, N, F)"""
    targets: NDArray
    """One a sequence: see the function that made them."""


def adding(steps: int, batch: int, *, rng: Rng, dtype: DTypeLike = np.float64) -> Batch:
    """Adding problem: report the sum of two marked numbers at the end.

    The variant of Arjovsky et al. (2016), which is the one most used since: numbers uniform in [0,
    1), the first marker uniform over the first half of the steps, the second over the rest, target
    their plain sum. Hochreiter & Schmidhuber (1997, experiment 4) draw numbers from [-1, 1], set
    the markers among the first ten steps and among the first half, mark both ends with -1, let the
    length vary by a tenth, and ask for 0.5 + (X1 + X2) / 4.

    Parameters
    ----------
    steps
        T, at least 2.
    batch
        N.
    rng
        Seed or generator.
    dtype
        Of inputs and targets.

    Returns
    -------
    Batch
        inputs (T, N, 2): the number and the marker, 0 or 1. targets (N, 1): the sum, 0 to 2.

    Raises
    ------
    ValueError
        If `steps` is below 2 or `batch` below 1.
    """
    steps, batch = check_size("steps", steps, 2), check_size("batch", batch)
    rng = generator(rng)
    numbers = rng.random((steps, batch))
    first = rng.integers(0, steps // 2, batch)
    second = rng.integers(steps // 2, steps, batch)
    markers = np.zeros((steps, batch))
    markers[first, np.arange(batch)] = 1
    markers[second, np.arange(batch)] = 1
    inputs = np.stack([numbers, markers], axis=-1).astype(dtype)
    targets = (inputs[..., 0] * inputs[..., 1]).sum(axis=0)
    return Batch(inputs, targets[:, None])


def adding_baseline() -> float:
    """Mean squared error of always answering 1, the mean: the variance of two uniforms, 2/12."""
    return 2 / 12


def recall(
    steps: int,
    batch: int,
    *,
    rng: Rng,
    symbols: int = 4,
    distractors: int = 4,
    position: str | int = "first",
    noise: float = 0.0,
    dtype: DTypeLike = np.float64,
) -> Batch:
    """Recall one symbol that stands among distractors.

    One step shows the symbol to be named at the end, every other step a distractor, drawn anew and
    of no importance (as in Hochreiter & Schmidhuber 1997, experiment 2). Guessing is right once in
    `symbols` times.

    Parameters
    ----------
    steps
        T.
    batch
        N, the sequences.
    rng
        Seed or generator.
    symbols
        Number of symbols to tell apart, the classes.
    distractors
        Number of distractors. With 0 the other steps are empty.
    position
        Step of the symbol: ``"first"``, ``"middle"`` (T // 2), ``"last"`` or an index from 0 to T -
        1.
    noise
        Standard deviation of normal noise that is added to every feature of every step.
    dtype
        Of the inputs.

    Returns
    -------
    Batch
        inputs (T, N, symbols + distractors): one-hot. targets (N,): integers from 0 to symbols - 1.

    Raises
    ------
    ValueError
        If a size is too small, `position` lies outside, or `noise` is negative.
    """
    steps, batch = check_size("steps", steps), check_size("batch", batch)
    symbols = check_size("symbols", symbols, 2)
    distractors = check_size("distractors", distractors, 0)
    named = {"first": 0, "middle": steps // 2, "last": steps - 1}
    where = named.get(position, -1) if isinstance(position, str) else position
    if isinstance(where, bool) or not isinstance(where, int | np.integer) or not 0 <= where < steps:
        raise ValueError(
            f"position must be 'first', 'middle', 'last' or a step from 0 to {steps - 1}, "
            f"got {position!r}"
        )
    if not noise >= 0:
        raise ValueError(f"noise must be a standard deviation, 0 or more, got {noise!r}")
    rng = generator(rng)
    targets = rng.integers(0, symbols, batch)
    features = symbols + distractors
    inputs = np.zeros((steps, batch, features))
    if distractors:
        inputs = one_hot(rng.integers(symbols, features, (steps, batch)), features)
    inputs[where] = one_hot(targets, features)
    if noise:
        inputs += rng.normal(0, noise, inputs.shape)
    return Batch(inputs.astype(dtype), targets)
