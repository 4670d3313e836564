"""What the chapters' figures share."""

from __future__ import annotations

from typing import Any

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS, Style

__all__ = ["Made", "level", "line"]

Made = tuple[dict[str, str], dict[str, Picture]]
"""Tables and sentences by name, and figures by name."""


def line(axes: Any, x: Any, y: Any, style: Style, label: str) -> None:
    """A line in a style."""
    (drawn,) = axes.plot(x, y, color=style.light, linewidth=1.4, label=label)
    if style.dash:
        drawn.set_dashes(style.dash)


def level(axes: Any, name: str, height: float) -> None:
    """A dashed line across, with its name at the right end."""
    style = CONTENDERS[7]
    axes.axhline(height, color=style.light, linewidth=1.1, dashes=(4, 2))
    axes.annotate(
        name,
        (1, height),
        (-2, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        color=style.light,
    )
