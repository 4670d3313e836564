"""One line that is added to: in a cell, over time; in deep networks, over layers."""

from __future__ import annotations

from tools.diagrams.parts import CIRCLE, THICK, layer, operation, rule, wire
from tools.diagrams.svg import Figure

_WIDTH, _ROW = 560, 196
_TIMES, _PLUS = 200, 360


def kinship() -> Figure:
    """The cell state's line beside a highway layer and a residual layer."""
    figure = Figure(
        "lstm/kinship",
        _WIDTH,
        3 * _ROW + 8,
        "The cell state's line, a highway layer and a residual layer",
        "Three rows, each with a thick line from left to right. In an LSTM, from step to step, the "
        "cell state is multiplied by the forget gate f, then i times g is added. In a highway "
        "layer, from layer to layer, x is multiplied by 1 - T, then T times H of x is added. In a "
        "residual layer nothing multiplies the line: F of x alone is added.",
    )
    _row(figure, 0, "LSTM: from step to step", ("c_{t-1}", "c_t"), "f_t", "i_t * g_t", "c")
    _row(figure, 1, "Highway: from layer to layer", ("x", "y"), "1 - T(x)", "T(x) * H(x)", "x")
    _row(figure, 2, "Residual: from layer to layer", ("x", "y"), "", "F(x)", "x")
    return figure


def _row(
    figure: Figure,
    row: int,
    title: str,
    ends: tuple[str, str],
    kept: str,
    added: str,
    colour: str,
) -> None:
    top = _ROW * row
    y, low = top + 76, top + 142
    if row:
        rule(figure, top)
    figure.words(24, top + 28, title, anchor="start", bold=True)
    figure.math(48, y, ends[0], fill=colour)
    figure.math(_WIDTH - 40, y, ends[1], fill=colour)
    begin, end = 84, _WIDTH - 70
    if kept:
        wire(figure, [(begin, y), (_TIMES - CIRCLE, y)], colour, width=THICK)
        begin = _TIMES + CIRCLE
        ink = "f" if colour == "c" else "ink"
        wire(figure, [(_TIMES, low - 19), (_TIMES, y + CIRCLE)], ink)
        layer(figure, _TIMES, low, kept, ink, width=112, height=40, size=22)
        operation(figure, _TIMES, y, "times")
    wire(figure, [(begin, y), (_PLUS - CIRCLE, y)], colour, width=THICK)
    wire(figure, [(_PLUS + CIRCLE, y), (end, y)], colour, width=THICK)
    ink = "g" if colour == "c" else "ink"
    wire(figure, [(_PLUS, low - 19), (_PLUS, y + CIRCLE)], ink)
    layer(figure, _PLUS, low, added, ink, width=148, height=40, size=22)
    operation(figure, _PLUS, y, "plus")
