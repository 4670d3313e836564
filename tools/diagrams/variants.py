"""Variants of the LSTM cell: the cell in grey, with what is different in colour."""

from __future__ import annotations

from tools.diagrams.cell import lstm_cell
from tools.diagrams.parts import (
    CIRCLE,
    THICK,
    dot,
    layer,
    operation,
    pointwise,
    rule,
    wire,
)
from tools.diagrams.svg import Figure

_WIDTH = 560


def _figure(name: str, title: str, text: str, *equations: str) -> Figure:
    figure = Figure(f"lstm/{name}", _WIDTH, 472 + 38 * len(equations), title, text)
    rule(figure, 450)
    for row, equation in enumerate(equations):
        figure.math(_WIDTH / 2, 482 + 38 * row, equation, coloured=True)
    return figure


def peephole() -> Figure:
    """Gates that see the cell state."""
    figure = _figure(
        "peephole",
        "An LSTM cell with peepholes",
        "The LSTM cell in grey, with three more lines in colour: two lead the old cell state "
        "into the forget gate and the input gate, one leads the new cell state into the output "
        "gate.",
        "f_t = σ(W_{fx} x_t + W_{fh} h_{t-1} + p_f * c_{t-1} + b_f)",
        "i_t = σ(W_{ix} x_t + W_{ih} h_{t-1} + p_i * c_{t-1} + b_i)",
        "o_t = σ(W_{ox} x_t + W_{oh} h_{t-1} + p_o * c_t + b_o)",
    )
    lstm_cell(figure, peepholes=True, highlight="peepholes")
    return figure


def coupled() -> Figure:
    """Input gate and forget gate in one."""
    figure = _figure(
        "coupled",
        "An LSTM cell with coupled gates",
        "The LSTM cell in grey without an input gate of its own. In colour: the forget gate's "
        "output goes to the cell state, and one minus that output takes the place of the input "
        "gate.",
        "c_t = f_t * c_{t-1} + (1 - f_t) * g_t",
    )
    lstm_cell(figure, forget="coupled", highlight="coupled")
    return figure


def no_forget_gate() -> Figure:
    """The cell state is only ever added to."""
    figure = _figure(
        "no-forget-gate",
        "An LSTM cell without a forget gate",
        "The LSTM cell in grey without a forget gate. In colour: the line of the cell state, "
        "which only meets the addition, so that the old state is kept whole.",
        "c_t = c_{t-1} + i_t * g_t",
    )
    lstm_cell(figure, forget="none", highlight="no-forget-gate")
    return figure


def block() -> Figure:
    """Two cells of 1997 that share an input gate and an output gate."""
    figure = Figure(
        "lstm/block-1997",
        _WIDTH,
        452,
        "A memory block of 1997 with two cells",
        "Two cells, one above the other, each from left to right: the input node, a product, a sum "
        "whose result is fed back to it unchanged, a squashing function, a second product. One "
        "input gate below leads to the first product of both cells, one output gate to the second.",
    )
    for row, y in ((1, 110), (2, 250)):
        _cell_of_1997(figure, row, y)
    for gate, x, side in (("i", 170, -34), ("o", 455, 34)):
        _shared_gate(figure, gate, x, x + side)
    figure.words(_WIDTH / 2, 430, "each box reads all units of the network", fill="soft")
    return figure


def _cell_of_1997(figure: Figure, row: int, y: float) -> None:
    layer(figure, 70, y, "4σ - 2", "g", width=80, size=19)
    wire(figure, [(110, y), (170 - CIRCLE, y)], "g")
    wire(figure, [(170 + CIRCLE, y), (262 - CIRCLE, y)], "g")
    wire(figure, [(262 + CIRCLE, y), (322, y)], "c", width=THICK, arrow=False)
    around = [(304, y), (304, y - 50), (262, y - 50), (262, y - CIRCLE)]
    wire(figure, around, "c", width=THICK)
    dot(figure, 304, y, "c", 6.5)
    pointwise(figure, 362, y, "2σ - 1", width=80, size=19)
    wire(figure, [(402, y), (455 - CIRCLE, y)], "c")
    wire(figure, [(455 + CIRCLE, y), (546, y)], "h", width=THICK)
    for x, kind in ((170, "times"), (262, "plus"), (455, "times")):
        operation(figure, x, y, kind)
    figure.math(316, y - 44, f"c_{row}", fill="c", anchor="start", size=23)
    figure.math(530, y - 24, f"h_{row}", fill="h", size=23)


def _shared_gate(figure: Figure, gate: str, x: float, aside: float) -> None:
    layer(figure, x, 366, "σ", gate)
    wire(figure, [(x, 347), (x, 250 + CIRCLE)], gate)
    # To the upper cell around the lower one, with a gap where it passes the lower one's wire.
    wire(figure, [(x, 314), (aside, 314), (aside, 260)], gate, arrow=False)
    wire(figure, [(aside, 240), (aside, 180), (x, 180), (x, 110 + CIRCLE)], gate)
    dot(figure, x, 314, gate)
    figure.math(x + 40, 366, gate, fill=gate, size=23)
