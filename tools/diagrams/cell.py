"""The LSTM cell: one layout, and named parts that a page can bring forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.diagrams.parts import (
    CIRCLE,
    THICK,
    box,
    dot,
    layer,
    operation,
    pointwise,
    s_curve,
    wire,
)
from tools.diagrams.paths import PATHS
from tools.diagrams.svg import Figure

Draw = Callable[..., None]


@dataclass(frozen=True)
class CellLayout:
    """Where things stand: columns (x) and rows (y), and the cell's outline."""

    left: float = 64
    right: float = 516
    top: float = 64
    bottom: float = 386
    begin: float = 8
    end: float = 552
    join: float = 102
    f: float = 156
    i: float = 236
    g: float = 316
    o: float = 396
    read: float = 456
    up: float = 496
    state: float = 112
    squash: float = 168
    product: float = 224
    gate: float = 294
    bus: float = 354
    output: float = 22
    input: float = 424
    text: float = 23
    letter: float = 30
    beside: float = 8
    layer_width: float = 58
    layer_height: float = 38
    layer_text: float = 21

    def column(self, gate: str) -> float:
        """Return the x of a gate."""
        return float(getattr(self, gate))


def lstm_cell(
    figure: Figure,
    layout: CellLayout | None = None,
    *,
    highlight: str | None = None,
    forget: str = "gate",
    peepholes: bool = False,
    bare: bool = False,
) -> CellLayout:
    """Draw the LSTM cell.

    Parameters
    ----------
    figure : Figure
        Where to draw.
    layout : CellLayout, optional
        Where things stand.
    highlight : str, optional
        The path to bring forward, a key of ``PATHS``; all other parts turn grey. By default
        everything is in colour.
    forget : {"gate", "coupled", "none"}
        With a forget gate; with i = 1 - f (then there is no input gate of its own); without one.
    peepholes : bool
        Let f and i see the old cell state, and o the new one.
    bare : bool
        Without names and functions, the gates' letters in their boxes: for small pictures.

    Returns
    -------
    CellLayout
        The layout used, for whoever adds to the drawing.
    """
    at = layout or CellLayout()
    emphasised = PATHS[highlight] if highlight else None

    def draw(name: str, paint: Callable[..., None], *args: object, **options: object) -> None:
        if bare and paint is label:
            return
        with figure.part(name, emphasised is None or name in emphasised):
            paint(figure, *args, **options)

    box(figure, at.left, at.top, at.right - at.left, at.bottom - at.top)
    state_line(draw, at, forget)
    _gates(draw, at, forget, bare)
    output(draw, at, bare)
    if peepholes:
        _peepholes(draw, at)
    if not bare:
        _names(draw, at)
    return at


def state_line(draw: Draw, at: CellLayout, forget: str = "gate") -> None:
    """Draw the cell state's way through the cell."""
    times, plus = (at.f, at.state), (at.g, at.state)
    if forget == "none":
        draw("c_in", wire, [(at.begin, at.state), (plus[0] - CIRCLE, at.state)], "c", width=THICK)
    else:
        draw("c_in", wire, [(at.begin, at.state), (times[0] - CIRCLE, at.state)], "c", width=THICK)
        start = (times[0] + CIRCLE, at.state)
        draw("c_kept", wire, [start, (plus[0] - CIRCLE, at.state)], "c", width=THICK)
        draw("times_f", operation, *times, "times")
    draw("c_out", wire, [(plus[0] + CIRCLE, at.state), (at.end, at.state)], "c", width=THICK)
    draw("plus", operation, *plus, "plus")


def _gates(draw: Draw, at: CellLayout, forget: str, bare: bool) -> None:
    draw("h_in", wire, [(at.begin, at.bus), (at.join - CIRCLE, at.bus)], "h", width=THICK)
    foot = at.input if bare else at.input - 16
    draw("x_in", wire, [(at.join, foot), (at.join, at.bus + CIRCLE)], "x", width=THICK)
    draw("join", operation, at.join, at.bus, "join")

    order = {"gate": "figo", "coupled": "fgo", "none": "igo"}[forget]
    here, foot = at.join + CIRCLE, at.gate + at.layer_height / 2
    for name in order:
        x = at.column(name)
        if name == order[-1]:
            draw(f"bus_{name}", wire, [(here, at.bus), (x, at.bus), (x, foot)], "soft")
        else:
            draw(f"bus_{name}", wire, [(here, at.bus), (x, at.bus)], "soft", arrow=False)
            draw(f"stub_{name}", wire, [(x, at.bus), (x, foot)], "soft")
            draw(f"stub_{name}", dot, x, at.bus, "soft")
        here = x
        text = name if bare else "tanh" if name == "g" else "σ"
        size = {"width": at.layer_width, "height": at.layer_height, "size": at.layer_text}
        draw(f"gate_{name}", layer, x, at.gate, text, name, **size)
    products(draw, at, forget)


def products(draw: Draw, at: CellLayout, forget: str = "gate") -> None:
    """Draw what leaves the gates f, i and g, up to the state's line."""
    head, write = at.gate - at.layer_height / 2, (at.g, at.product)
    if forget != "none":
        draw("out_f", wire, [(at.f, head), (at.f, at.state + CIRCLE)], "f")
        draw("out_f", label, at.f, at.product + at.letter, "f_t", "f", at)
    beside = (at.g - CIRCLE, at.product)
    if forget == "coupled":
        # The dot and the pill belong to i: what is written is one minus what is kept.
        draw("out_i", wire, [(at.f, at.product), (at.i - at.layer_width / 2, at.product)], "f")
        draw("out_i", dot, at.f, at.product, "f")
        draw("out_i", wire, [(at.i, at.product), beside], "i")
        draw("out_i", pointwise, at.i, at.product, "1 -", width=at.layer_width)
        draw("out_i", label, at.i + at.layer_width / 2 - 4, at.product - 22, "i_t", "i", at)
    else:
        draw("out_i", wire, [(at.i, head), (at.i, at.product), beside], "i")
        draw("out_i", label, at.i, at.product + at.letter, "i_t", "i", at)
    draw("out_g", wire, [(at.g, head), (at.g, at.product + CIRCLE)], "g")
    draw("out_g", label, at.g, at.product + at.letter, "g_t", "g", at)
    draw("written", wire, [(at.g, at.product - CIRCLE), (at.g, at.state + CIRCLE)], "g")
    draw("times_i", operation, *write, "times")


def output(draw: Draw, at: CellLayout, bare: bool = False) -> None:
    """Draw what the output gate lets through, and the new hidden state."""
    head = at.gate - at.layer_height / 2
    around = [(at.o, head), (at.o, at.product), (at.read - CIRCLE, at.product)]
    draw("out_o", wire, around, "o")
    draw("out_o", label, at.o, at.product + at.letter, "o_t", "o", at)
    draw("c_read", wire, [(at.read, at.state), (at.read, at.squash - 16)], "c", width=THICK)
    draw("c_read", dot, at.read, at.state, "c", 6.5)
    draw("c_squashed", wire, [(at.read, at.squash + 16), (at.read, at.product - CIRCLE)], "c")
    text = "" if bare else "tanh"
    draw("tanh_c", pointwise, at.read, at.squash, text, width=at.layer_width, size=at.layer_text)
    if bare:
        draw("tanh_c", s_curve, at.read, at.squash, at.layer_width)
    draw("times_o", operation, at.read, at.product, "times")
    corner = [(at.read, at.product + CIRCLE), (at.read, at.bus), (at.up, at.bus)]
    draw("h_new", wire, corner, "h", width=THICK, arrow=False)
    draw("h_out", wire, [(at.up, at.bus), (at.end, at.bus)], "h", width=THICK)
    # The output passes the state's line through a gap: the two do not touch.
    draw("h_up", wire, [(at.up, at.bus), (at.up, at.state + 10)], "h", width=THICK, arrow=False)
    tip = at.output if bare else at.output + 18
    draw("h_up", wire, [(at.up, at.state - 10), (at.up, tip)], "h", width=THICK)
    draw("h_up", dot, at.up, at.bus, "h", 6.5)


def _peepholes(draw: Draw, at: CellLayout) -> None:
    head, side = at.gate - at.layer_height / 2, 20
    source, level = at.left + 20, at.product + 4
    draw("peep_f", dot, source, at.state, "c", 6.5)
    down = [(source, at.state), (source, level), (at.f - side, level)]
    draw("peep_f", wire, down, "c", arrow=False)
    draw("peep_f", wire, [(at.f - side, level), (at.f - side, head)], "c")
    draw("peep_i", dot, at.f - side, level, "c")
    # A gap where the line to i passes the forget gate's wire.
    draw("peep_i", wire, [(at.f - side, level), (at.f - 8, level)], "c", arrow=False)
    over = [(at.f + 8, level), (at.i - side, level), (at.i - side, head)]
    draw("peep_i", wire, over, "c")
    draw("peep_o", dot, at.o - side, at.state, "c", 6.5)
    draw("peep_o", wire, [(at.o - side, at.state), (at.o - side, head)], "c")


def label(figure: Figure, x: float, y: float, text: str, colour: str, at: CellLayout) -> None:
    """Name a vertical wire, on its right."""
    figure.math(x + at.beside, y, text, fill=colour, anchor="start", size=at.text)


def _names(draw: Draw, at: CellLayout) -> None:
    def name(part: str, x: float, y: float, text: str, colour: str) -> None:
        draw(part, Figure.math, x, y, text, fill=colour, size=at.text)

    west, east = (at.begin + at.left) / 2 - 2, (at.right + at.end) / 2 - 1
    name("c_in", west, at.state - 23, "c_{t-1}", "c")
    name("h_in", west, at.bus - 23, "h_{t-1}", "h")
    name("c_out", east, at.state - 23, "c_t", "c")
    name("h_out", east, at.bus - 23, "h_t", "h")
    name("h_up", at.up, at.output, "h_t", "h")
    name("x_in", at.join, at.input, "x_t", "x")
