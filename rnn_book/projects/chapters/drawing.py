"""What the chapters' figures share."""

from __future__ import annotations

from typing import Any

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS

__all__ = ["Made", "level"]

Made = tuple[dict[str, str], dict[str, Picture]]
"""Tables and sentences by name, and figures by name."""


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
