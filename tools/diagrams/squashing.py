"""Squashing functions and their slopes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tools.diagrams.parts import rule
from tools.diagrams.svg import Figure

_WIDTH, _MIDDLE, _UNIT = 560, 280, 62  # pixels; a unit of x
_TENTHS = range(-40, 41)


def _sigmoid(x: Decimal) -> Decimal:
    # Decimal rounds correctly, so that every machine draws the same curve.
    return 1 / (1 + (-x).exp())


def _tanh(x: Decimal) -> Decimal:
    return 2 * _sigmoid(2 * x) - 1


def _centred(x: Decimal) -> Decimal:
    return 2 * _sigmoid(x) - 1


_CURVES: tuple[tuple[str, Callable[[Decimal], Decimal], tuple[int, ...]], ...] = (
    ("i", _sigmoid, ()),
    ("h", _centred, (2, 8)),
    ("g", _tanh, (14, 8)),
)


def _slope(function: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal]:
    step = Decimal("0.0001")
    return lambda x: (function(x + step) - function(x - step)) / (2 * step)


def _curves(figure: Figure, base: float, unit: float, slopes: bool) -> None:
    figure.path(["M", 24, base, "L", _WIDTH - 24, base], stroke="soft", width=1.6, layer="panel")
    top, bottom = base - unit - 14, base if slopes else base + unit + 14
    figure.path(["M", _MIDDLE, top, "L", _MIDDLE, bottom], stroke="soft", width=1.6, layer="panel")
    for colour, function, dash in _CURVES:
        value = _slope(function) if slopes else function
        data: list[str | float] = []
        for tenth in _TENTHS:
            y = base - unit * float(value(Decimal(tenth) / 10))
            data += ["L" if data else "M", _MIDDLE + _UNIT * tenth / 10, y]
        figure.path(data, stroke=colour, width=4, dash=dash)


def tanh_or_sigmoid() -> Figure:
    """Three S-curves, and how steep they are."""
    figure = Figure(
        "lstm/tanh-or-sigmoid",
        _WIDTH,
        662,
        "Tanh, sigmoid, and the sigmoid stretched to the tanh's range",
        "Two panels over inputs from -4 to 4. Above, the values: tanh and 2 sigmoid - 1 run from "
        "-1 to 1 through 0, the sigmoid from 0 to 1 through one half. Below, the slopes: all "
        "three have their peak at 0, tanh's is 1, that of 2 sigmoid - 1 is one half, the "
        "sigmoid's is one quarter.",
    )
    figure.words(24, 32, "value", anchor="start", bold=True)
    _curves(figure, 150, 100, slopes=False)
    for y, text in ((50, "1"), (250, "−1")):
        figure.words(_WIDTH - 8, y, text, anchor="end", fill="soft", size=18)
    rule(figure, 284)
    figure.words(24, 314, "slope", anchor="start", bold=True)
    _curves(figure, 502, 170, slopes=True)
    figure.words(_MIDDLE + 26, 326, "1", anchor="start", fill="soft")
    rule(figure, 532)
    rows = (
        ("g", (14, 8), "tanh: around 0, slope 1 at 0"),
        ("h", (2, 8), "2 sigmoid − 1: around 0, slope 1/2"),
        ("i", (), "sigmoid: around 1/2, slope 1/4"),
    )
    for row, (colour, dash, text) in enumerate(rows):
        y = 564 + 34 * row
        figure.path(["M", 24, y, "L", 92, y], stroke=colour, width=4, dash=dash)
        figure.words(112, y, text, anchor="start")
    return figure
