"""Batches of unequal length, and the shapes of tasks."""

from __future__ import annotations

from tools.diagrams.parts import node, padding, rule, wire
from tools.diagrams.svg import Figure

_WIDTH = 560


def padding_and_lengths() -> Figure:
    """A padded batch, and where each direction starts and ends."""
    figure = Figure(
        "rnn/padding-and-lengths",
        _WIDTH,
        586,
        "A padded batch of sequences with their lengths",
        "Three sequences of lengths 6, 4 and 2 in a batch of six steps; the steps beyond an end "
        "are padding. The forward direction runs from the first step to the last real one, where "
        "the final state is taken. The reverse direction starts at the last real step and runs "
        "back to the first.",
    )
    pitch, side = 70, 46
    for row, length in enumerate((6, 4, 2)):
        y = 66 + 128 * row
        figure.words(24, y, f"length {length}", anchor="start")
        for step in range(6):
            x = 150 + pitch * step
            corner = (x - side / 2, y - side / 2, side, side)
            if step < length:
                figure.rect(*corner, fill="x-tint", stroke="x", radius=8)
                figure.math(x, y, f"x_{step + 1}")
            else:
                padding(figure, x, y, half=side / 2)
                figure.math(x, y, "0", fill="muted")
        start, end = 150 - side / 2, 150 + pitch * (length - 1) + side / 2
        wire(figure, [(start, y - 40), (end, y - 40)], "h")
        figure.circle(end + 11, y - 40, 7, fill="h")
        wire(figure, [(end, y + 40), (start, y + 40)], "soft")
        figure.circle(start - 11, y + 40, 7, fill="soft")
    rule(figure, 400)
    wire(figure, [(24, 432), (80, 432)], "h")
    wire(figure, [(80, 472), (24, 472)], "soft")
    figure.circle(44, 512, 7, fill="h")
    figure.circle(64, 512, 7, fill="soft")
    padding(figure, 54, 552, half=12)
    texts = (
        "forward direction, ends at the last real step",
        "reverse direction, starts at the last real step",
        "each direction's final state is taken here",
        "padding: skipped, and the output there is 0",
    )
    for row, text in enumerate(texts):
        figure.words(100, 432 + 40 * row, text, anchor="start")
    return figure


def task_shapes() -> Figure:
    """Which steps have an input, and which an output."""
    figure = Figure(
        "rnn/task-shapes",
        _WIDTH,
        622,
        "Shapes of tasks",
        "Four panels, each with a chain of hidden states, inputs below and outputs above. One to "
        "many: one input, an output at every step, each fed back as the next input. Many to one: "
        "an input at every step, one output at the end. Many to many: an input and an output at "
        "every step. Delayed: outputs start two steps after the inputs.",
    )
    _panel(figure, 0, 0, "one to many", {0}, {0, 1, 2, 3}, feedback=True)
    _panel(figure, 280, 0, "many to one", {0, 1, 2, 3}, {3})
    _panel(figure, 0, 280, "many to many", {0, 1, 2, 3}, {0, 1, 2, 3})
    _panel(figure, 280, 280, "many to many, delayed", {0, 1, 2, 3}, {2, 3})
    rule(figure, 566)
    node(figure, 40, 594, "", "x", radius=13)
    node(figure, 196, 594, "", "h", radius=13)
    _output(figure, 406, 594, 12)
    for x, text in ((40, "input"), (196, "hidden state"), (406, "output")):
        figure.words(x + 24, 594, text, anchor="start")
    return figure


def _output(figure: Figure, x: float, y: float, half: float) -> None:
    figure.rect(x - half, y - half, 2 * half, 2 * half, fill="soft-tint", stroke="soft", radius=5)


def _panel(
    figure: Figure,
    left: float,
    top: float,
    title: str,
    inputs: set[int],
    outputs: set[int],
    *,
    feedback: bool = False,
) -> None:
    figure.words(left + 140, top + 28, title, bold=True)
    radius, pitch = 17, 64
    high, middle, low = top + 82, top + 160, top + 238
    for step in range(4):
        x = left + 44 + pitch * step
        if step < 3:
            wire(figure, [(x + radius, middle), (x + pitch - radius, middle)], "h")
        if step in inputs:
            wire(figure, [(x, low - radius), (x, middle + radius)], "x")
            node(figure, x, low, "", "x", radius=radius)
        if step in outputs:
            wire(figure, [(x, middle - radius), (x, high + radius)], "h")
            _output(figure, x, high, radius)
        if feedback and step < 3:
            # Through a gap in passing the chain of states.
            half = x + pitch / 2
            upper = [(x + radius, high), (half, high), (half, middle - 8)]
            lower = [
                (half, middle + 8),
                (half, low),
                (x + pitch, low),
                (x + pitch, middle + radius),
            ]
            wire(figure, upper, "soft", arrow=False, dash=(5, 6))
            wire(figure, lower, "soft", dash=(5, 6))
        node(figure, x, middle, "", "h", radius=radius)
