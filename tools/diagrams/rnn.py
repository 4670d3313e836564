"""The plain recurrent layer: folded, unfolded, and its gradient along time."""

from __future__ import annotations

import math

from tools.diagrams.parts import THICK, box, dot, node, rule, wire
from tools.diagrams.svg import Figure

_SIZE = 25


def _cell(figure: Figure, x: float, y: float) -> None:
    """A cell without its inside, about (x, y)."""
    box(figure, x - 38, y - 32, 76, 64, radius=14)
    figure.words(x, y, "RNN", size=21, fill="soft")


def recurrent_layer() -> Figure:
    """The layer folded, and unfolded over three steps."""
    figure = Figure(
        "rnn/recurrent-layer",
        640,
        330,
        "A recurrent layer, folded and unfolded",
        "On the left a recurrent layer with input x below, hidden state h above, and a loop that "
        "leads its hidden state back into it. On the right the same layer unfolded over three "
        "steps: three copies with the same weights, each handing its hidden state to the next.",
    )
    row, top, low = 160, 22, 262

    def column(x: float, step: str) -> None:
        wire(figure, [(x, low - 18), (x, row + 32)], "x", width=THICK)
        figure.math(x, low, f"x_{{{step}}}", size=_SIZE, fill="x")
        _cell(figure, x, row)
        figure.math(x + 60, top, f"h_{{{step}}}", size=_SIZE, fill="h")

    fold = 94
    column(fold, "t")
    out = fold + 60
    wire(figure, [(fold + 38, row), (out, row), (out, top + 18)], "h", width=THICK)
    back = [(out, 92), (fold - 62, 92), (fold - 62, row), (fold - 38, row)]
    wire(figure, back, "h", width=THICK)
    dot(figure, out, 92, "h", 6.5)
    figure.math(fold - 66, row + 28, "h_{t-1}", size=_SIZE, fill="h")

    figure.math(194, row, "=", size=34)
    wire(figure, [(216, row), (290 - 38, row)], "h", width=THICK)
    for x, step in ((290, "t-1"), (416, "t"), (542, "t+1")):
        column(x, step)
        out = x + 60
        wire(figure, [(out, row), (out, top + 18)], "h", width=THICK)
        wire(figure, [(x + 38, row), (min(x + 88, 634), row)], "h", width=THICK)
        dot(figure, out, row, "h", 6.5)
    figure.words(416, low + 44, "the same weights at every step", size=20, fill="soft")
    return figure


def unfolded() -> Figure:
    """Inputs, states, outputs and losses, with the weights on every edge."""
    figure = Figure(
        "rnn/unfolded",
        600,
        520,
        "A recurrent network unfolded in time, with its losses",
        "Three steps from left to right. Each input x feeds a hidden state h through the weights "
        "from input to state; each hidden state feeds the next through the recurrent weights; "
        "each gives an output y and with it a loss L. The three sets of weights are the same at "
        "every step, and the loss is the sum over the steps.",
    )
    rows = {"L": 40, "y": 148, "h": 272, "x": 396}
    columns = {"1": 150, "2": 310, "3": 470}
    wire(figure, [(48, rows["h"]), (columns["1"] - 26, rows["h"])], "h", width=THICK)
    figure.math(26, rows["h"], "h_0", size=24, fill="h")
    figure.math(86, rows["h"] - 22, "W_{hh}", size=24)
    for step, x in columns.items():
        wire(figure, [(x, rows["x"] - 26), (x, rows["h"] + 26)], "x", width=THICK)
        figure.math(x + 10, (rows["x"] + rows["h"]) / 2, "W_{hx}", size=24, anchor="start")
        wire(figure, [(x, rows["h"] - 26), (x, rows["y"] + 26)], "h", width=THICK)
        figure.math(x + 10, (rows["h"] + rows["y"]) / 2, "W_{yh}", size=24, anchor="start")
        wire(figure, [(x, rows["y"] - 26), (x, rows["L"] + 26)], "soft")
        end = x + 160 - 26 if step != "3" else 588
        wire(figure, [(x + 26, rows["h"]), (end, rows["h"])], "h", width=THICK)
        figure.math((x + 26 + end) / 2 - 4, rows["h"] - 22, "W_{hh}", size=24)
        node(figure, x, rows["L"], f"L_{step}", "ink", size=24)
        node(figure, x, rows["y"], f"y_{step}", "soft", size=24)
        node(figure, x, rows["h"], f"h_{step}", "h", size=24)
        node(figure, x, rows["x"], f"x_{step}", "x", size=24)
    rule(figure, 444)
    figure.math(300, 482, "L = L_1 + L_2 + L_3", size=24)
    return figure


def chain() -> Figure:
    """Three steps of one unit with all their numbers, forward and backward."""
    figure = Figure(
        "rnn/chain",
        640,
        560,
        "Three steps of one unit, forward and backward",
        "Four hidden states in a row and a loss, with their numbers below: 0, 0.762, 0.363, 0.180 "
        "and a loss of 0.051. Below, the gradient runs back from the last state to the first and "
        "is multiplied at each step by the slope of the tanh and by the weight. At each step, what "
        "has passed the slope times the old state is the share of that step in the gradient of "
        "the weight. The shares add up to -0.215.",
    )
    w, wanted = 0.5, 0.5
    h = [0.0, math.tanh(1.0)]
    h += [math.tanh(w * h[1])]
    h += [math.tanh(w * h[2])]
    columns = [46.0, 204.0, 362.0, 520.0]
    top, low = 44, 176
    for step, x in enumerate(columns):
        if step:
            wire(figure, [(columns[step - 1] + 28, top), (x - 28, top)], "h", width=THICK)
            figure.math((columns[step - 1] + x) / 2 - 4, top - 22, "w", size=24)
        node(figure, x, top, f"h_{step}", "h", radius=28, size=25)
        figure.words(x, top + 50, f"{h[step]:.3f}" if step else "0", size=21)
    wire(figure, [(548, top), (582, top)], "soft")
    node(figure, 610, top, "L", "ink", size=25)
    figure.words(602, top + 50, f"{(h[3] - wanted) ** 2 / 2:.3f}", size=21)
    rule(figure, 118)
    figure.words(
        20, 146, "backward: what the loss says to each state", size=20, anchor="start", fill="soft"
    )

    d_h, total = h[3] - wanted, 0.0
    for step in (3, 2, 1):
        x, old = columns[step], columns[step - 1]
        figure.words(x, low + 8, _signed(d_h), size=21)
        wire(figure, [(x - 42, low + 8), (old + 42, low + 8)], "ink", dash=(5, 7))
        slope = 1 - h[step] ** 2
        middle = (x + old) / 2
        figure.math(middle, low + 42, f"× {slope:.3f}", size=21)
        figure.math(middle, low + 70, f"× {w}", size=21)
        d_a = d_h * slope
        share = d_a * h[step - 1]
        wire(figure, [(middle, low + 92), (middle, low + 146)], "ink", dash=(5, 7))
        figure.math(middle, low + 172, f"{_signed(d_a)} × h_{step - 1}", size=25)
        figure.words(middle, low + 202, f"= {_signed(share)}", size=22)
        total += share
        d_h = w * d_a
    figure.words(columns[0], low + 8, _signed(d_h), size=21)
    rule(figure, 412)
    figure.words(
        20, 440, "the share of each step in the gradient of w", size=20, anchor="start", fill="soft"
    )
    figure.words(320, 496, f"their sum: {_signed(total)}", size=24, bold=True)
    figure.words(320, 532, "a larger w makes the loss smaller", size=20, fill="soft")
    return figure


def _signed(value: float) -> str:
    """Three decimals with a true minus sign, and no minus on a zero."""
    text = f"{abs(value):.3f}"
    return f"\u2212{text}" if value < -0.0005 else "0" if float(text) == 0 else text
