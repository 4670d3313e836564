"""Runs that end when a task is solved, in words and in plots: what several claims share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rnn_book.experiments.shown import table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rnn_book.experiments.plots import Style

__all__ = [
    "TO_COME",
    "dots_of_seeds",
    "nothing_yet",
    "powers",
    "table_of",
    "updates_cells",
]

TO_COME = "still to come"


def table_of(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table, or a word if there is nothing to be shown yet."""
    kept = [*rows]
    return table(head, kept) if kept else f"*The runs of this table are {TO_COME}.*"


def nothing_yet(axes: Axes) -> None:
    """Say in an empty plot that its runs are still to come."""
    from rnn_book.experiments.plots import CONTENDERS

    axes.set(xticks=[], yticks=[])
    axes.text(
        *(0.5, 0.5, f"the runs of this plot are {TO_COME}"),
        ha="center",
        va="center",
        color=CONTENDERS[-1].light,
        transform=axes.transAxes,
    )


def powers(values: Sequence[float]) -> str:
    """Geometric mean, for numbers that spread over decades."""
    middle = float(np.exp(np.mean(np.log(values))))
    return f"{middle:.1e}" if middle < 0.01 else f"{middle:.2f}"


def updates_cells(updates: Sequence[int], solved: Sequence[bool]) -> tuple[str, str]:
    """How many seeds solved a task, and the median of the updates that those needed."""
    done = [used for used, well in zip(updates, solved, strict=True) if well]
    return f"{len(done)} of {len(solved)}", f"{np.median(done):.0f}" if done else "none"


def dots_of_seeds(
    axes: Axes,
    place: float,
    values: Any,
    style: Style,
    *,
    open_at: Sequence[bool] | None = None,
    means: bool = True,
) -> None:
    """A mark for every seed in a row, a stroke at their mean and a dashed one at their median.

    Parameters
    ----------
    axes
        Where to draw.
    place
        Height of the row.
    values
        (seeds,).
    style
        Of the marks.
    open_at
        Which marks are drawn hollow, such as runs that did not finish.
    means
        Whether there is a mean to be drawn; numbers that end at a budget have none.
    """
    kept = np.asarray(values, float)
    hollow = np.zeros(len(kept), bool) if open_at is None else np.asarray(open_at, bool)
    aside = place + (np.linspace(-0.17, 0.17, len(kept)) if len(kept) > 1 else np.zeros(1))
    for part, face in ((~hollow, style.light), (hollow, "none")):
        axes.plot(
            kept[part],
            aside[part],
            linestyle="none",
            marker=style.marker,
            markersize=4.5,
            alpha=0.75,
            markerfacecolor=face,
            markeredgecolor=style.light,
            markeredgewidth=0.0 if face != "none" else 1.0,
        )
    ends = place - 0.3, place + 0.3
    if means:
        axes.vlines(kept.mean(), *ends, color=style.light, linewidth=2.2)
    axes.vlines(np.median(kept), *ends, color=style.light, linewidth=1.4, linestyle=(0, (2, 1.2)))
