"""Small plots that stand beside a snippet's output, drawn from the variables of its own run.

A picture names a snippet; the snippet is run, and what it computed is plotted. So picture, output
and code cannot tell different stories. `python -m tools.pictures` draws them into ``images/``.
"""

from __future__ import annotations

import contextlib
import functools
import io
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import book_style, svg

__all__ = ["PICTURES", "draw", "picture"]

ROOT = Path(__file__).resolve().parents[2]
SNIPPETS = ROOT / "docs" / "snippets"

Drawer = Callable[[dict[str, Any]], Picture]

PICTURES: dict[str, tuple[str, Drawer]] = {}
"""Path below ``images/`` without the ending -> the snippet, and what draws its variables."""


def picture(name: str, snippet: str) -> Callable[[Drawer], Drawer]:
    """Register a drawer: ``@picture("rnn/latch", "rnn/why-memory/latch")``."""

    def register(drawer: Drawer) -> Drawer:
        PICTURES[name] = snippet, drawer
        return drawer

    return register


def draw(name: str) -> str:
    """Return the text of one SVG file: run the snippet's NumPy version and draw its variables."""
    snippet, drawer = PICTURES[name]
    variables = _variables(snippet)
    with book_style():
        return svg(drawer(variables))


@functools.lru_cache(maxsize=1)  # pictures of one snippet follow one another
def _variables(snippet: str) -> dict[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()):
        return runpy.run_path(str(SNIPPETS / f"{snippet}_numpy.py"))


# The drawers register themselves.
from tools.pictures import (  # noqa: E402, F401  # after what they need
    attention,
    backward,
    gates,
    gradients,
    gru,
    improvements,
    practice,
    recurrence,
    shapes,
    variants,
)
