"""Where layer normalisation stands in an LSTM."""

from __future__ import annotations

from collections.abc import Callable

from tools.diagrams.cell import CellLayout, output, products, state_line
from tools.diagrams.parts import CIRCLE, THICK, box, dot, layer, operation, rule, wire
from tools.diagrams.svg import Figure

_AT = CellLayout(
    bottom=612, squash=224, product=280, gate=350, bus=408, input=656, join=322,
)  # fmt: skip
#: Column of the hidden state's product; rows of both products, their norms, and their sum.
_LEFT, _WEIGHTS, _NORM, _SUM = 150, 556, 496, 452


def layer_norm() -> Figure:
    """The cell with its three norms."""
    at = _AT
    figure = Figure(
        "improvements/layer-norm",
        560,
        790,
        "Layer normalisation in the LSTM cell",
        "The hidden state and the input are each multiplied by their weights, and each of the "
        "two products is normalised over all its rows together; the two are added and cut into "
        "three gates and the input node. The cell state is normalised on its way to the output "
        "only; the state that is carried on is not.",
    )

    def draw(name: str, paint: Callable[..., None], *args: object, **options: object) -> None:
        with figure.part(name):
            paint(figure, *args, **options)

    box(figure, at.left, at.top, at.right - at.left, at.bottom - at.top)
    state_line(draw, at)
    products(draw, at)
    output(draw, at)
    _norm(figure, at.read, 158)
    wire(figure, [(at.read, at.state), (at.read, 142)], "c", width=THICK)
    _sums(figure, at)
    _names(figure, at)
    rule(figure, 684)
    _norm(figure, 128, 716)
    figure.words(166, 716, "normalise over the units", anchor="start")
    figure.math(280, 758, "LN(a) = γ * (a - mean) / √(var + ε) + β")
    return figure


def _norm(figure: Figure, x: float, y: float) -> None:
    figure.rect(x - 26, y - 16, 52, 32, fill="ink-tint", stroke="ink", radius=8, line=2.4)
    figure.words(x, y, "LN", bold=True)


def _sums(figure: Figure, at: CellLayout) -> None:
    foot = at.gate + 19
    for name in "figo":
        x = at.column(name)
        layer(figure, x, at.gate, "tanh" if name == "g" else "σ", name, width=58, radius=19)
        if name in "ig":
            wire(figure, [(x, at.bus), (x, foot)], "soft")
            dot(figure, x, at.bus, "soft")
    wire(figure, [(at.i, at.bus), (at.f, at.bus), (at.f, foot)], "soft")
    wire(figure, [(at.i, at.bus), (at.o, at.bus), (at.o, foot)], "soft")
    wire(figure, [(at.i, _SUM - CIRCLE), (at.i, at.bus)], "soft", arrow=False)
    for x, side in ((_LEFT, -1), (at.join, 1)):
        text, colour = ("W_{h}", "h") if side < 0 else ("W_{x}", "x")
        wire(figure, [(x, _WEIGHTS - 19), (x, _NORM + 16)], "soft")
        around = [(x, _NORM - 16), (x, _SUM), (at.i + side * CIRCLE, _SUM)]
        wire(figure, around, "soft")
        _norm(figure, x, _NORM)
        layer(figure, x, _WEIGHTS, text, colour, size=22)
    operation(figure, at.i, _SUM, "plus")
    low = _WEIGHTS + 38
    wire(figure, [(at.begin, low), (_LEFT, low), (_LEFT, _WEIGHTS + 19)], "h", width=THICK)
    wire(figure, [(at.join, at.input - 16), (at.join, _WEIGHTS + 19)], "x", width=THICK)


def _names(figure: Figure, at: CellLayout) -> None:
    west, east = (at.begin + at.left) / 2 - 2, (at.right + at.end) / 2 - 1
    figure.math(west, at.state - 23, "c_{t-1}", fill="c")
    figure.math(east, at.state - 23, "c_t", fill="c")
    figure.math(east, at.bus - 23, "h_t", fill="h")
    figure.math(at.up, at.output, "h_t", fill="h")
    figure.math(west, _WEIGHTS + 38 - 23, "h_{t-1}", fill="h")
    figure.math(at.join, at.input, "x_t", fill="x")
