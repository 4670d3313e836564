"""The LSTM cell's backward pass: the same wires, walked from right to left."""

from __future__ import annotations

from tools.diagrams.cell import CellLayout
from tools.diagrams.parts import (
    CIRCLE,
    THICK,
    THIN,
    Point,
    box,
    dot,
    layer,
    operation,
    pointwise,
    rule,
    wire,
)
from tools.diagrams.svg import Figure

#: Radius of the small sums that stand where the forward pass copies.
_SUM = 11


def backward() -> Figure:
    """The gradient's way through the cell."""
    figure = Figure(
        "lstm/backward",
        560,
        766,
        "The gradient's way back through the LSTM cell",
        "The LSTM cell with all arrows reversed and dashed. The gradient of the new cell state "
        "comes in at the top right, passes straight through the addition, is multiplied by the "
        "forget gate and leaves at the top left. The gradient of the hidden state comes in from "
        "the right and from above and splits into one for the output gate and one that joins the "
        "cell state's. Where the forward pass copies, gradients are added; where it adds, the "
        "gradient is copied.",
    )
    at = CellLayout()
    box(figure, at.left, at.top, at.right - at.left, at.bottom - at.top)
    _states(figure, at)
    _gates(figure, at)
    _names(figure, at)
    _equations(figure)
    return figure


def _back(figure: Figure, points: list[Point], colour: str, **options: bool) -> None:
    width = THICK if colour in "chx" else THIN
    wire(figure, points, colour, width=width, dash=(1.6 * width, 2.4 * width), **options)


def _states(figure: Figure, at: CellLayout) -> None:
    y = at.state
    _back(figure, [(at.end, y), (at.read + _SUM, y)], "c")
    _back(figure, [(at.read - _SUM, y), (at.f + CIRCLE, y)], "c")
    _back(figure, [(at.f - CIRCLE, y), (at.begin, y)], "c")
    operation(figure, at.read, y, "plus", radius=_SUM)
    dot(figure, at.g, y, "c", 6.5)
    operation(figure, at.f, y, "times")
    # The hidden state's gradient: from the next step and from above, then to o and to c.
    _back(figure, [(at.up, at.output + 18), (at.up, y - 10)], "h", arrow=False)
    _back(figure, [(at.up, y + 10), (at.up, at.bus - _SUM)], "h")
    _back(figure, [(at.end, at.bus), (at.up + _SUM, at.bus)], "h")
    corner = [(at.up - _SUM, at.bus), (at.read, at.bus), (at.read, at.product + CIRCLE)]
    _back(figure, corner, "h")
    operation(figure, at.up, at.bus, "plus", radius=_SUM)
    _back(figure, [(at.read, at.product - CIRCLE), (at.read, at.squash + 16)], "c")
    _back(figure, [(at.read, at.squash - 16), (at.read, y + _SUM)], "c")
    pointwise(figure, at.read, at.squash, "tanh", width=at.layer_width)
    operation(figure, at.read, at.product, "times")


def _gates(figure: Figure, at: CellLayout) -> None:
    head, foot = at.gate - at.layer_height / 2, at.gate + at.layer_height / 2
    _back(figure, [(at.f, at.state + CIRCLE), (at.f, head)], "f")
    _back(figure, [(at.g, at.state + 11), (at.g, at.product - CIRCLE)], "g")
    _back(figure, [(at.g, at.product + CIRCLE), (at.g, head)], "g")
    _back(figure, [(at.g - CIRCLE, at.product), (at.i, at.product), (at.i, head)], "i")
    _back(figure, [(at.read - CIRCLE, at.product), (at.o, at.product), (at.o, head)], "o")
    operation(figure, at.g, at.product, "times")
    for name, x in (("f", at.f), ("i", at.i), ("g", at.g), ("o", at.o)):
        text = "tanh" if name == "g" else "σ"
        layer(figure, x, at.gate, text, name, width=at.layer_width)
    for x in (at.f, at.i, at.g):
        _back(figure, [(x, foot), (x, at.bus - _SUM)], "soft")
        operation(figure, x, at.bus, "plus", radius=_SUM)
    _back(figure, [(at.o, foot), (at.o, at.bus), (at.g + _SUM, at.bus)], "soft")
    _back(figure, [(at.g - _SUM, at.bus), (at.i + _SUM, at.bus)], "soft")
    _back(figure, [(at.i - _SUM, at.bus), (at.f + _SUM, at.bus)], "soft")
    _back(figure, [(at.f - _SUM, at.bus), (at.join + CIRCLE, at.bus)], "soft")
    _back(figure, [(at.join - CIRCLE, at.bus), (at.begin, at.bus)], "h")
    _back(figure, [(at.join, at.bus + CIRCLE), (at.join, at.input - 16)], "x")
    operation(figure, at.join, at.bus, "join")


def _names(figure: Figure, at: CellLayout) -> None:
    west, east = (at.begin + at.left) / 2 - 2, (at.right + at.end) / 2 - 1
    figure.math(west, at.state - 24, "dc_{t-1}", fill="c")
    figure.math(west, at.bus - 24, "dh_{t-1}", fill="h")
    figure.math(east, at.state - 24, "dc_t", fill="c")
    figure.math(east, at.bus - 24, "dh_t", fill="h")
    figure.math(at.up, at.output, "dh_t", fill="h")
    figure.math(at.join, at.input, "dx_t", fill="x")
    for name, x in (("f", at.f), ("i", at.i), ("g", at.g), ("o", at.o)):
        y = at.product + at.letter
        figure.math(x + at.beside, y, f"d{name}_t", fill=name, anchor="start")


def _equations(figure: Figure) -> None:
    rule(figure, 450)
    notes = (
        "gradient of the loss (in the code d_)",
        "sum, where the forward pass copies",
        "copy, where the forward pass adds",
    )
    figure.words(130, 480, "d", fill="soft")
    operation(figure, 130, 516, "plus", radius=_SUM)
    dot(figure, 130, 552, "c", 6.5)
    for row, note in enumerate(notes):
        figure.words(154, 480 + 36 * row, note, anchor="start", fill="soft")
    figure.math(280, 600, "dc_t ← dc_t + o_t * (1 - tanh^2(c_t)) * dh_t", coloured=True)
    figure.math(280, 644, "dc_{t-1} = f_t * dc_t", coloured=True)
    pairs = (
        ("df_t = c_{t-1} * dc_t", "do_t = tanh(c_t) * dh_t"),
        ("di_t = g_t * dc_t", "dg_t = i_t * dc_t"),
    )
    for row, (left, right) in enumerate(pairs):
        figure.math(140, 690 + 44 * row, left, coloured=True)
        figure.math(410, 690 + 44 * row, right, coloured=True)
