"""Numbers as words: what tables and verdicts of the claims share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Run
from rnn_book.experiments.intervals import Interval

__all__ = [
    "best_by_validation",
    "bracket",
    "grouped",
    "mean",
    "median",
    "plus_minus",
    "signed",
    "spread",
    "table",
]

_MINUS = re.compile(r"(?<![\w.\[-])-(?=\s?\d)")
_POWER = re.compile(r"(\d(?:\.\d+)?)e-0*(\d+)")


def _in_print(text: str) -> str:
    """A cell as a printed table has it: a minus is no hyphen, and a power of ten is written out."""
    return _POWER.sub(r"$\1 \\cdot 10^{-\2}$", _MINUS.sub("−", text))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; the first column is text, the others are aligned to the right."""
    lines = [
        "| " + " | ".join(map(_in_print, head)) + " |",
        "|---|" + "--:|" * (len(head) - 1),
        *("| " + " | ".join(_in_print(str(cell)) for cell in row) + " |" for row in rows),
    ]
    return "\n".join(lines)


def mean(values: Iterable[float]) -> float:
    """Mean."""
    return float(np.mean(list(values)))


def median(values: Iterable[float]) -> float:
    """Median."""
    return float(np.median(list(values)))


def spread(values: Iterable[float]) -> float:
    """Standard deviation of a sample (n - 1), 0 of a single value."""
    kept = list(values)
    return float(np.std(kept, ddof=1)) if len(kept) > 1 else 0.0


def plus_minus(values: Iterable[float], digits: int = 2) -> str:
    """Mean ± standard deviation over seeds, which is what ± means everywhere in the book."""
    kept = list(values)
    return f"{mean(kept):.{digits}f} ± {spread(kept):.{digits}f}"


def signed(value: float, digits: int = 2) -> str:
    """A difference, always with its sign, and with a minus that is one."""
    text = f"{value:+.{digits}f}"
    # What rounds to zero has no sign.
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")


def bracket(found: Interval, digits: int = 2) -> str:
    """A mean difference with its interval: +0.12 [+0.03, +0.21]."""
    low, high = signed(found.low, digits), signed(found.high, digits)
    return f"{signed(found.mean, digits)} [{low}, {high}]"


def grouped(runs: Sequence[Run], *keys: str) -> dict[tuple[Any, ...], list[Run]]:
    """Runs by the values of some entries of their settings, in the order of their coming."""
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(tuple(run.setting.get(key) for key in keys), []).append(run)
    return groups


def best_by_validation(
    runs: Sequence[Run],
    contender: Sequence[str],
    score: Callable[[Run], float],
    *,
    largest: bool = False,
) -> dict[tuple[Any, ...], list[Run]]:
    """For each contender the runs of the setting whose mean validation score is best.

    Parameters
    ----------
    runs
        Runs of all contenders with all settings tried.
    contender
        Entries of a setting that make a contender; the others were tuned.
    score
        Validation score of a run. Never its test score.
    largest
        Whether the largest score is best, such as accuracy; otherwise the smallest.
    """
    best: dict[tuple[Any, ...], list[Run]] = {}
    for key, mine in grouped(runs, *contender).items():
        tried: dict[str, list[Run]] = {}
        for run in mine:
            tried.setdefault(repr(sorted(run.setting.items())), []).append(run)
        choose = max if largest else min
        best[key] = choose(tried.values(), key=lambda group: mean(score(run) for run in group))
    return best
