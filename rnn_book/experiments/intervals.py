"""Intervals for differences between contenders, and what may be concluded from them.

Every contender meets the same data under the same seed, so differences are taken seed by seed. An
interval covers the mean difference over all seeds that there might have been, in 95 of 100
experiments of this kind. It decides a question only if the question's threshold lies outside of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    *("HALF", "Interval", "decide", "family", "family_of_shares", "interval", "level_with"),
    *("paired", "share", "would_take"),
]

LEVEL = 0.95
HALF = 0.5
"""Of all: more than so many are most."""
BOOTSTRAP_FROM = 20
"""From so many values on, the interval is a bootstrap's, which assumes no normal distribution."""
RESAMPLES = 9999


class Interval(NamedTuple):
    """A mean, and where the mean of all values that there might have been lies."""

    mean: float
    low: float
    high: float
    values: int
    level: float


def interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """The interval of a mean: Student's t, and from 20 values on a bootstrap (BCa).

    Parameters
    ----------
    values
        (n,), one a seed, at least two.
    level
        Share of experiments in which the interval covers the true mean.

    Raises
    ------
    ValueError
        If there are fewer than two values, one is not finite, or the level is not between 0 and 1.
    """
    kept = np.asarray(values, float)
    if kept.ndim != 1 or len(kept) < 2 or not np.isfinite(kept).all():
        raise ValueError(f"values must be at least two finite numbers, got {values!r}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    from scipy import stats

    count, middle = len(kept), float(kept.mean())
    error = float(kept.std(ddof=1)) / math.sqrt(count)
    # Equal up to rounding: there is nothing to resample.
    if error <= 1e-12 * max(1.0, abs(middle)):
        return Interval(middle, middle, middle, count, level)
    if count < BOOTSTRAP_FROM:
        reach = float(stats.t.ppf((1 + level) / 2, count - 1)) * error
        return Interval(middle, middle - reach, middle + reach, count, level)
    found = stats.bootstrap(
        (kept,),
        np.mean,
        confidence_level=level,
        n_resamples=RESAMPLES,
        method="BCa",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(middle, float(found.low), float(found.high), count, level)


def paired(first: ArrayLike, second: ArrayLike, level: float = LEVEL) -> Interval:
    """The interval of first - second, taken seed by seed.

    Raises
    ------
    ValueError
        If the two have not the same number of values, or `interval` cannot take them.
    """
    one, other = np.asarray(first, float), np.asarray(second, float)
    if one.shape != other.shape:
        raise ValueError(f"a pair needs a value for each seed, got {one.shape} and {other.shape}")
    return interval(one - other, level)


def decide(found: Interval, threshold: float = 0.0) -> Literal["above", "below", "undecided"]:
    """On which side of a threshold the mean lies; undecided if the interval contains it."""
    if found.low > threshold:
        return "above"
    return "below" if found.high < threshold else "undecided"


def would_take(open_: Collection[Interval], *thresholds: float) -> str:
    """A sentence: how many seeds would decide questions, if means and spreads stay as they are.

    Parameters
    ----------
    open_
        Intervals that contain a threshold.
    thresholds
        One of them has to be excluded for an answer; the one that is further from the mean.
    """
    counts = []
    for one in open_:
        reach = (one.high - one.low) / 2
        far = max(abs(one.mean - threshold) for threshold in thresholds)
        if far > 0:
            counts.append(one.values * (reach / far) ** 2)
    if not counts:
        return ""
    most = max(*counts, 1 + max(one.values for one in open_))
    unit = 10.0 ** max(math.floor(math.log10(most)) - 1, 0)
    return (
        f"To decide it would take about {math.ceil(most / unit) * unit:,.0f} seeds, if means and "
        "spreads stay as they are."
    )


def level_with(found: Interval, margin: float) -> Literal["level", "different", "undecided"]:
    """Whether a difference is too small to matter: the whole interval within ±margin.

    "different" if the whole interval is outside. That an interval contains 0 says nothing of it.

    Raises
    ------
    ValueError
        If the margin is not positive.
    """
    if not margin > 0:
        raise ValueError(f"margin must be positive, got {margin}")
    if -margin < found.low and found.high < margin:
        return "level"
    return "different" if found.low > margin or found.high < -margin else "undecided"


def family(
    differences: Mapping[str, ArrayLike], threshold: float = 0.0, level: float = LEVEL
) -> dict[str, Interval]:
    """Intervals for several questions that are asked at once, corrected as Holm (1979) does.

    Who asks six questions at 95 % is wrong about one of them in a quarter of all experiments. So
    the clearest of m answers has to hold at the level 1 - 0.05/m, the next at 1 - 0.05/(m - 1), and
    so on; where one fails, it and all that are less clear are undecided. Each interval has the
    level at which its question was put, so that `decide` tells Holm's answer.

    Parameters
    ----------
    differences
        Name -> (n,) differences, one a seed.
    threshold
        Of all questions.
    level
        Of the family: in so large a share of experiments no answer at all is wrong.

    References
    ----------
    S. Holm: A simple sequentially rejective multiple test procedure. Scandinavian Journal of
    Statistics 6, 1979.
    """
    return _holm(
        {name: np.asarray(values, float) for name, values in differences.items()},
        interval,
        lambda values: _clearness(values, threshold),
        threshold,
        level,
    )


def share(successes: int, count: int, level: float = LEVEL) -> Interval:
    """The interval of a share, such as of the seeds that solve a task; never beyond 0 or 1.

    It is Clopper and Pearson's (1934), which covers the true share at least as often as it says.

    Raises
    ------
    ValueError
        If there are fewer than one, or more successes than there are.
    """
    if not 0 <= successes <= count or count < 1:
        raise ValueError(f"successes must be 0 to {count}, of at least one, got {successes}")
    from scipy import stats

    found = stats.binomtest(successes, count).proportion_ci(level, method="exact")
    return Interval(successes / count, float(found.low), float(found.high), count, level)


def family_of_shares(
    counts: Mapping[str, tuple[int, int]], threshold: float = HALF, level: float = LEVEL
) -> dict[str, Interval]:
    """Intervals of several shares that are asked for at once, corrected as `family` does.

    Parameters
    ----------
    counts
        Name -> successes, and how many there are.
    threshold
        Of all questions.
    level
        Of the family.
    """
    return _holm(
        counts,
        lambda one, strict: share(*one, strict),
        lambda one: abs(one[0] / one[1] - threshold) * math.sqrt(one[1]),
        threshold,
        level,
    )


Asked = TypeVar("Asked")


def _holm(
    questions: Mapping[str, Asked],
    at: Callable[[Asked, float], Interval],
    clearness: Callable[[Asked], float],
    threshold: float,
    level: float,
) -> dict[str, Interval]:
    """Each question's interval at the level at which it was put."""
    remaining = dict(questions)
    found: dict[str, Interval] = {}
    while remaining:
        strict = 1 - (1 - level) / len(remaining)
        now = {name: at(one, strict) for name, one in remaining.items()}
        clear = [name for name, one in now.items() if decide(one, threshold) != "undecided"]
        if not clear:
            found |= now
            break
        first = max(clear, key=lambda name: clearness(remaining[name]))
        found[first] = now[first]
        del remaining[first]
    return {name: found[name] for name in questions}


def _clearness(values: np.ndarray, threshold: float) -> float:
    """Distance of the mean from the threshold in standard errors."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    return float(abs(values.mean() - threshold) / max(error, 1e-300))
