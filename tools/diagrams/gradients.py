"""Gradients along time: the product of Jacobians, and windows of truncated backpropagation."""

from __future__ import annotations

from tools.diagrams.parts import THICK, Point, layer, node, rule, wire
from tools.diagrams.svg import Figure

_WIDTH = 560
_DASH = (5, 7)


def vanishing_product() -> Figure:
    """One factor per step, and what twelve of them make."""
    figure = Figure(
        "rnn/vanishing-product",
        _WIDTH,
        638,
        "A product of Jacobians along time",
        "Five hidden states in a row. Below them the gradient runs back from the last state and "
        "is multiplied by one Jacobian at each step. Three rows of bars show what this does over "
        "twelve steps: with a factor of 0.7 per step the gradient fades to 0.014, with 1 it stays, "
        "with 1.3 it grows to 23.",
    )
    columns = [46.0 + 117 * number for number in range(5)]
    top, low, radius, half = 46, 122, 30, 32
    for number, x in enumerate(columns):
        lag = 4 - number
        if lag:
            wire(figure, [(x + radius, top), (x + 117 - radius, top)], "h", width=THICK)
        node(figure, x, top, f"h_{{t-{lag}}}" if lag else "h_t", "h", radius=radius)
    for lag in range(4):
        x = columns[3 - lag] + 58.5
        start = [(x + 117 - half, low)] if lag else [(columns[4], top + radius), (columns[4], low)]
        wire(figure, [*start, (x + half, low)], "ink", dash=_DASH)
        layer(figure, x, low, f"J_{{t-{lag}}}" if lag else "J_t", "h", width=2 * half, size=22)
    end = [(columns[0] + 58.5 - half, low), (columns[0], low), (columns[0], top + radius)]
    wire(figure, end, "ink", dash=_DASH)
    figure.math(_WIDTH / 2, 178, "∂h_t / ∂h_{t-4} = J_t J_{t-1} J_{t-2} J_{t-3}")
    rule(figure, 212)
    texts = (
        "0.7 per step: 0.014 after 12 steps",
        "1 per step: stays",
        "1.3 per step: 23 after 12 steps",
    )
    for row, (tenths, text) in enumerate(zip((7, 10, 13), texts, strict=True)):
        _bars(figure, 340 + 124 * row, tenths, text)
    figure.words(24, 614, "12 steps back", anchor="start", fill="soft")
    figure.words(_WIDTH - 24, 614, "now", anchor="end", fill="soft")
    return figure


def _bars(figure: Figure, base: float, tenths: int, text: str) -> None:
    """Thirteen powers of a factor, the largest of them full height; lag 0 at the right."""
    powers = [tenths**lag * 10 ** (12 - lag) for lag in range(13)]
    figure.words(24, base - 94, text, anchor="start")
    for lag, power in enumerate(powers):
        # Whole numbers until the last division, so that every machine draws the same bar.
        height = 70 * power / max(powers)
        x = _WIDTH - 24 - 28 - 40.3 * lag
        figure.rect(x, base - height, 28, height, fill="h-tint", stroke="h", line=1.6)
    figure.path(["M", 20, base, "L", _WIDTH - 20, base], stroke="soft", width=1.6, layer="panel")


def truncated_bptt() -> Figure:
    """Three windows: the state goes on, the gradient stops."""
    figure = Figure(
        "rnn/truncated-bptt",
        _WIDTH,
        524,
        "Windows of truncated backpropagation through time",
        "Twelve time steps, worked through in three windows of four, one below the other. The "
        "state at the end of a window is handed to the next window. The gradient runs back "
        "inside a window only and stops at its first step.",
    )
    pitch, side = 44.5, 30
    stairs: list[Point] = [(35 - side / 2, 32)]
    for window in range(3):
        y = 66 + 122 * window
        first = 35 + pitch * 4 * window
        last = first + 3 * pitch
        for step in range(12):
            active = step // 4 == window
            x = 35 + pitch * step
            fill, stroke = ("h-tint", "h") if active else ("panel", "edge")
            figure.rect(
                x - side / 2, y - side / 2, side, side, fill=fill, stroke=stroke, radius=7, line=2
            )
            figure.words(x, y, str(step + 1), fill="ink" if active else "muted")
        corner = last + (pitch / 2 if window < 2 else side / 2)
        stairs.append((corner, y - 34))
        if window < 2:
            stairs.append((corner, y + 122 - 34))
        wire(figure, [(last + side / 2, y + 34), (first - side / 2, y + 34)], "ink", dash=_DASH)
        if window:
            stop = first - pitch / 2
            figure.path(["M", stop, y + 24, "L", stop, y + 44], stroke="ink", width=4)
    wire(figure, stairs, "h", width=THICK)
    rule(figure, 378)
    wire(figure, [(24, 410), (84, 410)], "h")
    wire(figure, [(84, 450), (24, 450)], "ink", dash=_DASH)
    figure.path(["M", 54, 480, "L", 54, 500], stroke="ink", width=4)
    texts = ("the state goes on to the next window", "the gradient, inside a window")
    for row, text in enumerate((*texts, "here it stops: the state is detached")):
        figure.words(104, 410 + 40 * row, text, anchor="start")
    return figure
