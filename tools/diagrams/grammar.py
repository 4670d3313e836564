"""The grammar of Reber, and the strings that embed it."""

from __future__ import annotations

import math

from tools.diagrams.parts import rule
from tools.diagrams.svg import Figure

_RADIUS = 13
_PIECES = 12
_PLACES = (
    (40, 120),
    (130, 120),
    (230, 56),
    (230, 184),
    (350, 56),
    (350, 184),
    (450, 120),
    (540, 120),
)
# From, to, symbol, and where the symbol stands beside the middle of the arrow.
_ARROWS = (
    (0, 1, "B", (0, -14)),
    (1, 2, "T", (-10, -20)),
    (1, 3, "P", (-10, 20)),
    (2, 4, "X", (0, -14)),
    (3, 5, "V", (0, 16)),
    (4, 3, "X", (-16, -10)),
    (5, 4, "P", (16, 0)),
    (4, 6, "S", (10, -20)),
    (5, 6, "V", (10, 20)),
    (6, 7, "E", (0, -14)),
)


def reber() -> Figure:
    """The grammar as a graph, and below it the string around it."""
    figure = Figure(
        "lstm/reber",
        580,
        400,
        "The embedded Reber grammar",
        "Above, a graph: circles joined by arrows with a symbol each. From the start B leads on; T "
        "or P choose the upper or the lower half; S and T may be repeated; X, V and P lead on or "
        "across; S or V lead to the last but one circle, and E to the end. Below, the whole "
        "string: B, then T or P, a string of the graph, the same T or P again, then E.",
    )
    for begin, after, symbol, (dx, dy) in _ARROWS:
        (x1, y1), (x2, y2) = _PLACES[begin], _PLACES[after]
        _arrow(figure, x1, y1, x2, y2)
        figure.words((x1 + x2) / 2 + dx, (y1 + y2) / 2 + dy, symbol, size=20, bold=True)
    _loop(figure, 2, -1, "S")
    _loop(figure, 3, 1, "T")
    for x, y in _PLACES:
        figure.circle(x, y, _RADIUS, fill="panel", stroke="ink")
    rule(figure, 262)
    start, chosen, closed, end = ((x, 332) for x in (30, 110, 450, 530))
    _arrow(figure, *start, *chosen)
    figure.words(70, 318, "B", size=20, bold=True)
    for y, symbol, lift in ((300, "T", -21), (364, "P", 21)):
        _arrow(figure, *chosen, 170, y, to=0)
        _arrow(figure, 370, y, *closed, rim=0)
        for x in (142, 408):
            figure.words(x, (332 + y) / 2 + lift, symbol, size=20, bold=True)
        figure.rect(170, y - 20, 200, 40, fill="panel", stroke="ink", radius=8)
        figure.words(270, y, "a string of the graph", size=20)
    _arrow(figure, *closed, *end)
    figure.words(490, 318, "E", size=20, bold=True)
    for x, y in (start, chosen, closed, end):
        figure.circle(x, y, _RADIUS, fill="panel", stroke="ink")
    return figure


def _arrow(
    figure: Figure,
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    rim: float = _RADIUS,
    to: float = _RADIUS,
) -> None:
    """An arrow from the rim of one circle to the rim of another."""
    length = math.hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    tip = (x2 - to * dx, y2 - to * dy)
    # In short pieces, so that the checks of drawings see where a slanted line runs.
    (left, top), (right, bottom) = (
        (x1 + rim * dx, y1 + rim * dy),
        (tip[0] - 6 * dx, tip[1] - 6 * dy),
    )
    line: list[str | float] = ["M", left, top]
    for k in range(1, _PIECES + 1):
        share = k / _PIECES
        line += ["L", left + share * (right - left), top + share * (bottom - top)]
    figure.path(line, stroke="soft")
    _head(figure, tip, dx, dy)


def _head(figure: Figure, tip: tuple[float, float], dx: float, dy: float) -> None:
    """The point of an arrow that runs in the direction (dx, dy), of length 1."""
    x, y = tip[0] - 10 * dx, tip[1] - 10 * dy
    sides: list[str | float] = ["L", x - 5 * dy, y + 5 * dx, "L", x + 5 * dy, y - 5 * dx]
    figure.path(["M", *tip, *sides, "Z"], fill="soft")


def _loop(figure: Figure, place: int, side: int, symbol: str) -> None:
    """An arrow from a circle to itself, above (-1) or below (1)."""
    x, y = _PLACES[place]
    far, rim = y + 42 * side, y + 11 * side
    curve: list[str | float] = [
        "M",
        x - 7,
        rim,
        "Q",
        x - 26,
        far,
        x,
        far,
        "Q",
        x + 24,
        far,
        x + 9,
        y + 16 * side,
    ]
    figure.path(curve, stroke="soft")
    length = math.hypot(15, 26)
    _head(figure, (x + 7, rim), -15 / length, -26 * side / length)
    figure.words(x + 34, y + 36 * side, symbol, size=20, bold=True)
