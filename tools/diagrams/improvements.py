"""Stacked and bidirectional layers."""

from __future__ import annotations

from tools.diagrams.parts import CIRCLE, THICK, box, dot, operation, padding, rule, wire
from tools.diagrams.svg import Figure

_WIDTH = 560


def stacked() -> Figure:
    """Three layers over three steps."""
    figure = Figure(
        "improvements/stacked",
        _WIDTH,
        584,
        "Three stacked recurrent layers over three steps",
        "A grid of cells, three layers high and three steps wide. Each cell hands its hidden "
        "state to the right, to the next step of its layer, and upwards, as input of the next "
        "layer. The lines between layers are dashed: there acts the dropout between layers. The "
        "top layer's hidden state is the output.",
    )
    columns, rows = (176, 308, 440), (400, 268, 136)
    for number, x in enumerate(columns):
        step = ("t-1", "t", "t+1")[number]
        figure.math(x, 490, f"x_{{{step}}}", fill="x")
        wire(figure, [(x, 472), (x, rows[0] + 26)], "x", width=THICK)
        for lower, upper in ((rows[0], rows[1]), (rows[1], rows[2])):
            mask = (lower + upper) / 2
            wire(figure, [(x, lower - 26), (x, mask + 13)], "h", width=THICK)
            wire(figure, [(x, mask - 13), (x, upper + 26)], "h", width=THICK)
            operation(figure, x, mask, "times", radius=13)
        wire(figure, [(x, rows[2] - 26), (x, 48)], "h", width=THICK)
        figure.math(x, 26, f"h_{{{step}}}", fill="h")
    for layer, y in enumerate(rows, start=1):
        figure.words(14, y, f"layer {layer}", anchor="start")
        for start, end in ((86, 140), (212, 272), (344, 404), (476, 536)):
            wire(figure, [(start, y), (end, y)], "h", width=THICK)
        for x in columns:
            box(figure, x - 36, y - 26, 72, 52, radius=12)
            figure.words(x, y, "RNN", fill="soft")
    rule(figure, 522)
    operation(figure, 60, 554, "times", radius=13)
    figure.words(88, 554, "times a mask: the dropout between layers", anchor="start")
    return figure


def bidirectional() -> Figure:
    """Both directions over a sequence with padding at its end."""
    figure = Figure(
        "improvements/bidirectional",
        _WIDTH,
        700,
        "A bidirectional layer over a sequence of length four, padded to five",
        "Inputs below feed two rows of cells. The upper row runs from left to right, the lower "
        "from right to left; it starts at the last real step, not at the padding. At each step "
        "the two hidden states are concatenated to the output. The forward direction's final "
        "state is at step four, the reverse direction's at step one. At the padded step the "
        "output is zero.",
    )
    columns = [72 + 104 * number for number in range(5)]
    join, forward, reverse, low = 96, 206, 326, 438
    for number, x in enumerate(columns[:4]):
        _step(figure, x, number + 1, (join, forward, reverse, low))
        if number:
            wire(figure, [(x - 104 + 28, forward), (x - 28, forward)], "h")
            wire(figure, [(x - 28, reverse), (x - 104 + 28, reverse)], "soft")
    first, last = columns[0], columns[3]
    wire(figure, [(6, forward), (first - 28, forward)], "h")
    wire(figure, [(last + 28, forward), (last + 64, forward)], "h")
    figure.circle(last + 75, forward, 7, fill="h")
    wire(figure, [(last + 70, reverse), (last + 28, reverse)], "soft")
    wire(figure, [(first - 28, reverse), (first - 52, reverse)], "soft")
    figure.circle(first - 60, reverse, 7, fill="soft")
    x = columns[4]
    for y in (32, low + 40):
        figure.rect(
            x - 22, y - 22, 44, 44, stroke="muted", fill="background", radius=8, dash=(4, 5)
        )
        figure.math(x, y, "0", fill="muted")
    rule(figure, 516)
    wire(figure, [(24, 548), (80, 548)], "h")
    wire(figure, [(80, 588), (24, 588)], "soft")
    figure.circle(44, 628, 7, fill="h")
    figure.circle(64, 628, 7, fill="soft")
    padding(figure, 54, 668, half=12)
    texts = (
        "forward direction",
        "reverse direction, from the last real step",
        "final states: at different steps",
        "padding: the output there is 0",
    )
    for row, text in enumerate(texts):
        figure.words(100, 548 + 40 * row, text, anchor="start")
    return figure


def _step(figure: Figure, x: float, number: int, rows: tuple[float, float, float, float]) -> None:
    """One real step: input, two cells, their outputs joined."""
    join, forward, reverse, low = rows
    figure.math(x, low + 40, f"x_{number}", fill="x")
    wire(figure, [(x, low + 20), (x, reverse + 24)], "x", width=THICK)
    # To the upper cell, round the lower one, through a gap in the lower row's line.
    side, fork, between = x - 42, low - 20, 272
    wire(figure, [(x, fork), (side, fork), (side, reverse + 9)], "x", arrow=False)
    wire(figure, [(side, reverse - 9), (side, between), (x, between), (x, forward + 24)], "x")
    dot(figure, x, fork, "x")
    wire(figure, [(x, forward - 24), (x, join + CIRCLE)], "h")
    out = x + 42
    wire(
        figure,
        [(x + 14, reverse - 24), (x + 14, 288), (out, 288), (out, forward + 9)],
        "soft",
        arrow=False,
    )
    wire(figure, [(out, forward - 9), (out, join), (x + CIRCLE, join)], "soft")
    operation(figure, x, join, "join")
    wire(figure, [(x, join - CIRCLE), (x, 52)], "ink")
    figure.math(x, 32, f"y_{number}")
    for y in (forward, reverse):
        box(figure, x - 28, y - 24, 56, 48, radius=10)
    figure.math(x, forward, "→", fill="h", size=24)
    figure.math(x, reverse, "←", fill="soft", size=24)
