"""What the masks of the recurrent regularisers look like over time."""

from __future__ import annotations

from random import Random

from tools.diagrams.svg import Figure

_WIDTH = 560
_UNITS, _STEPS, _PITCH, _SIDE = 5, 11, 22, 17
_DROP = 0.35


def _mask(rows: int, columns: int, seed: int) -> list[list[bool]]:
    """Draw what is kept. ``Random.random`` promises the same numbers for a seed everywhere."""
    source = Random(seed)
    return [[source.random() >= _DROP for _ in range(columns)] for _ in range(rows)]


def _tile(figure: Figure, x: float, y: float, kept: bool, colour: str, steps: int = 1) -> None:
    width = _SIDE + _PITCH * (steps - 1)
    if kept:
        figure.rect(x, y, width, _SIDE, fill=colour, stroke=colour, radius=4, line=1.6)
    else:
        figure.rect(x, y, width, _SIDE, fill="background", stroke="muted", radius=4, line=1.6)


def _grid(figure: Figure, left: float, top: float, mask: list[list[bool]], colour: str) -> None:
    for row, flags in enumerate(mask):
        for column, kept in enumerate(flags):
            _tile(figure, left + _PITCH * column, top + _PITCH * row, kept, colour)


def _runs(figure: Figure, left: float, top: float, fresh: list[list[bool]], colour: str) -> None:
    """Bars that last for as long as a unit keeps its old value."""
    for row, flags in enumerate(fresh):
        starts = [0] + [column for column in range(1, len(flags)) if flags[column]]
        for start, end in zip(starts, [*starts[1:], len(flags)], strict=True):
            _tile(figure, left + _PITCH * start, top + _PITCH * row, True, colour, end - start)


def masks() -> Figure:
    """One panel for each kind."""
    figure = Figure(
        "improvements/masks",
        _WIDTH,
        640,
        "Masks over time, for five kinds of dropout",
        "Five panels, rows are units and columns time steps. Dropout between layers and dropout "
        "on the update drop other units at every step. Variational dropout drops the same units "
        "at all steps of a sequence. Zoneout lets some units keep their old value, so that bars "
        "of unequal length appear. Weight drop removes the same entries of the recurrent weights "
        "at all steps.",
    )
    panels = (
        ("between layers", "new at every step"),
        ("variational, on the state", "one for the whole sequence"),
        ("on the update", "new at every step"),
        ("zoneout", "a long bar: old value kept"),
        ("weight drop", "the same at every step"),
    )
    corners = [(22 + 282 * (number % 2), 22 + 206 * (number // 2)) for number in range(6)]
    for (left, top), (title, text) in zip(corners, panels, strict=False):
        figure.words(left, top + 6, title, anchor="start", bold=True)
        figure.words(left, top + 162, text, anchor="start", fill="soft")
    tops = [(left, top + 30) for left, top in corners]
    column = _mask(_UNITS, 1, seed=9)
    _grid(figure, *tops[0], _mask(_UNITS, _STEPS, seed=21), "h")
    _grid(figure, *tops[1], [flags * _STEPS for flags in column], "h")
    _grid(figure, *tops[2], _mask(_UNITS, _STEPS, seed=25), "g")
    _runs(figure, *tops[3], _mask(_UNITS, _STEPS, seed=13), "c")
    weights = _mask(_UNITS, _UNITS, seed=29)
    left, top = tops[4]
    _grid(figure, left, top, weights, "soft")
    figure.math(left + 118, top + 53, "=", size=26)
    _grid(figure, left + 132, top, weights, "soft")
    _key(figure, *corners[5])
    return figure


def _key(figure: Figure, left: float, top: float) -> None:
    entries = (
        ("h", "output, hidden state"),
        ("g", "candidate"),
        ("c", "cell state (or h)"),
        ("soft", "recurrent weights"),
    )
    for row, (colour, text) in enumerate(entries):
        y = top + 8 + 32 * row
        _tile(figure, left, y - _SIDE / 2, True, colour)
        figure.words(left + 30, y, text, anchor="start")
    _tile(figure, left, top + 136 - _SIDE / 2, False, "h")
    figure.words(left + 30, top + 136, "dropped", anchor="start")
    figure.words(left, top + 168, "down: units; right: time", anchor="start", fill="soft")
