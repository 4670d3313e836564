"""Tuning alike for every contender: grids that grow until the best value is inside of them.

A plan gives the settings of a grid, is asked again when they have run, and goes on with what
follows from them. Only validation scores enter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from rnn_book.experiments.claims import Run

__all__ = ["along", "best", "grown", "halved", "in_turn", "is_inside", "scores", "sweep"]

Value = TypeVar("Value", bound=Hashable)


def scores(
    runs: Iterable[Run], value: Callable[[Run], Value], score: Callable[[Run], float]
) -> dict[Value, float]:
    """Mean validation score of each value that was tried."""
    tried: dict[Value, list[float]] = {}
    for run in runs:
        tried.setdefault(value(run), []).append(score(run))
    return {key: math.fsum(kept) / len(kept) for key, kept in tried.items()}


def best(found: Mapping[Value, float], *, largest: bool = False) -> Value:
    """The value with the best score: the smallest one, unless `largest`; the first of equals."""
    choose = max if largest else min
    return choose(found, key=found.__getitem__)


def is_inside(
    found: Mapping[float, float],
    *,
    largest: bool = False,
    limits: tuple[float, float] | None = None,
) -> bool:
    """Whether the best value has tried neighbours on both sides, or is a limit of what exists."""
    top = best(found, largest=largest)
    return top not in (min(found), max(found)) or (limits is not None and top in limits)


def grown(
    start: Sequence[float],
    found: Mapping[float, float],
    factor: float,
    *,
    largest: bool = False,
    limits: tuple[float, float] = (0.0, math.inf),
    most: int = 6,
) -> list[float]:
    """Values of a grid that are to be tried, as far as is known now.

    Parameters
    ----------
    start
        Values that are tried in any case.
    found
        Value -> mean validation score of those that were tried; empty at the beginning.
    factor
        From one value to the next beyond an edge.
    largest
        Whether the largest score is best.
    limits
        Smallest and largest value that exists.
    most
        Values beyond the start, after which growing ends even if the best one is at the edge;
        `is_inside` then says so.

    Returns
    -------
    list of float
        The start, and one value beyond an edge for each time that the best value was found there.
    """
    values = sorted(start)
    for _ in range(most):
        known = {value: found[value] for value in values if value in found}
        if len(known) < len(values):
            break
        top = best(known, largest=largest)
        low, high = values[0], values[-1]
        if top == low and low > limits[0]:
            values.insert(0, max(_round(low / factor), limits[0]))
        elif top == high and high < limits[1]:
            values.append(min(_round(high * factor), limits[1]))
        else:
            break
    return values


def _round(value: float) -> float:
    """To two digits, so that a rate is the same number however it was reached."""
    return float(f"{value:.2g}")


def along(
    ladder: Sequence[float],
    start: Sequence[float],
    found: Mapping[float, float],
    *,
    largest: bool = False,
) -> list[float]:
    """As `grown`, with the next value of a ladder in place of a factor; its ends are the limits.

    Parameters
    ----------
    ladder
        All values that there are, in ascending order.
    start
        Neighbours on the ladder that are tried in any case.
    found
        Value -> mean validation score of those that were tried.
    largest
        Whether the largest score is best.

    Raises
    ------
    ValueError
        If the start is no part of the ladder.
    """
    low, high = ladder.index(start[0]), ladder.index(start[-1])
    if tuple(ladder[low : high + 1]) != tuple(start):
        raise ValueError(f"start must be neighbours on the ladder, got {start} of {ladder}")
    while all(value in found for value in ladder[low : high + 1]):
        top = best({value: found[value] for value in ladder[low : high + 1]}, largest=largest)
        if top == ladder[low] and low > 0:
            low -= 1
        elif top == ladder[high] and high < len(ladder) - 1:
            high += 1
        else:
            break
    return list(ladder[low : high + 1])


def halved(found: Mapping[Value, float], keep: int, *, largest: bool = False) -> list[Value]:
    """The `keep` best values, in the order in which they were tried (successive halving).

    References
    ----------
    K. Jamieson, A. Talwalkar: Non-stochastic best arm identification and hyperparameter
    optimization. AISTATS 2016.
    """
    ranked = sorted(found, key=found.__getitem__, reverse=largest)[:keep]
    return [value for value in found if value in ranked]


def sweep(
    contender: Mapping[str, Any],
    runs: Sequence[Run],
    rates: Sequence[float],
    score: Callable[[Run], float],
    *,
    largest: bool = False,
    factor: float = math.sqrt(10),
    most: int = 2,
) -> list[dict[str, Any]]:
    """Settings of one contender: rates to be tried, then the best of them for what is reported.

    Parameters
    ----------
    contender
        The setting, without ``"stage"`` and ``"rate"``, which are added: ``"tuning"`` or
        ``"reported"``, and the rate. A claim's `seeds` gives the two stages seeds of their own.
    runs
        What is finished, of whichever contenders.
    rates, factor, most
        The grid and how it grows, as for `grown`.
    score, largest
        A run's validation score, and whether the largest is best.
    """
    tuning = {**contender, "stage": "tuning"}
    mine = [run for run in runs if {k: v for k, v in run.setting.items() if k != "rate"} == tuning]
    found = scores(mine, lambda run: float(run.setting["rate"]), score)
    tried = grown(rates, found, factor, largest=largest, most=most)
    settings = [{**tuning, "rate": rate} for rate in tried]
    if all(rate in found for rate in tried):
        top = best({rate: found[rate] for rate in tried}, largest=largest)
        settings.append({**contender, "stage": "reported", "rate": top})
    return settings


def in_turn(
    parts: Iterable[Sequence[Mapping[str, Any]]],
    runs: Sequence[Run],
    settings: Callable[[Mapping[str, Any]], list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Settings of contenders, part after part: a part begins when those before it have run.

    So that what is decided early is decided early, in an experiment of hours.

    Parameters
    ----------
    parts
        Contenders that belong together, in the order in which they are to run.
    runs
        What is finished.
    settings
        All settings of a contender that follow from `runs`, as `sweep` gives them.
    """
    planned: list[dict[str, Any]] = []
    ran = [run.setting for run in runs]
    for part in parts:
        found = [settings(contender) for contender in part]
        planned += [setting for mine in found for setting in mine]
        # The last of a contender's settings is what is reported, once its rate is known.
        if not all(mine[-1].get("stage") != "tuning" and mine[-1] in ran for mine in found):
            break
    return planned
