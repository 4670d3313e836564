"""The figures of the LSTM's gate pages."""

from __future__ import annotations

from tools.diagrams.cell import CellLayout, lstm_cell
from tools.diagrams.legend import ROW, legend
from tools.diagrams.parts import THICK, box, rule, wire
from tools.diagrams.svg import Figure

_WIDTH = 560


def memory_cell() -> Figure:
    """The whole cell with its legend."""
    figure = Figure(
        "lstm/memory-cell",
        _WIDTH,
        468 + 6 * ROW,
        "The LSTM memory cell",
        "The cell state c runs along the top: it is multiplied by the forget gate f, then the "
        "product of input gate i and input node g is added. Below, the previous hidden state h "
        "and the input x are concatenated and feed the four layers f, i, g and o. The new cell "
        "state passes through tanh and is multiplied by the output gate o; the result is the new "
        "hidden state, which leaves to the right and upwards.",
    )
    lstm_cell(figure)
    left = ("f", "g", "times", "plus", "copy", "join")
    right = ("i", "o", "sigmoid", "tanh-layer", "tanh")
    legend(figure, 450, (left, right), places=(44, 314))
    return figure


def _highlighted(name: str, path: str, title: str, text: str, *equations: str) -> Figure:
    figure = Figure(f"lstm/{name}", _WIDTH, 472 + 38 * len(equations), title, text)
    lstm_cell(figure, highlight=path)
    rule(figure, 450)
    for row, equation in enumerate(equations):
        figure.math(_WIDTH / 2, 482 + 38 * row, equation, coloured=True)
    return figure


def forget_gate() -> Figure:
    """The forget gate's path."""
    return _highlighted(
        "forget-gate",
        "forget",
        "The forget gate in the LSTM cell",
        "The LSTM cell in grey, with the forget gate's path in colour: the previous hidden state "
        "and the input feed a sigmoid layer, whose output f multiplies the old cell state on the "
        "line at the top.",
        "f_t = σ(W_{fx} x_t + W_{fh} h_{t-1} + b_f)",
        "c_t = f_t * c_{t-1} + i_t * g_t",
    )


def input_gate() -> Figure:
    """The paths of the input gate and the input node, up to the addition."""
    return _highlighted(
        "input-gate",
        "input",
        "Input gate and input node in the LSTM cell",
        "The LSTM cell in grey, with two paths in colour: a sigmoid layer gives the input gate "
        "i, a tanh layer the input node g. Their product is added to the cell state on the line "
        "at the top.",
        "i_t = σ(W_{ix} x_t + W_{ih} h_{t-1} + b_i)",
        "g_t = tanh(W_{gx} x_t + W_{gh} h_{t-1} + b_g)",
        "c_t = f_t * c_{t-1} + i_t * g_t",
    )


def output_gate() -> Figure:
    """The output gate's path."""
    return _highlighted(
        "output-gate",
        "output",
        "The output gate in the LSTM cell",
        "The LSTM cell in grey, with two paths in colour that meet: the previous hidden state and "
        "the input feed a sigmoid layer, whose output o goes to the product at the lower right; "
        "a copy of the new cell state passes through tanh and meets it there. The product leaves "
        "as the hidden state, to the right and upwards.",
        "o_t = σ(W_{ox} x_t + W_{oh} h_{t-1} + b_o)",
        "h_t = o_t * tanh(c_t)",
    )


def hidden_units() -> Figure:
    """From the new cell state to the hidden state."""
    return _highlighted(
        "hidden-units",
        "hidden",
        "The hidden units of the LSTM cell",
        "The LSTM cell in grey, with the way from the new cell state to the new hidden state in "
        "colour: a copy of the cell state passes through tanh, is multiplied by the output gate, "
        "and leaves to the next step on the right and as output at the top.",
        "h_t = o_t * tanh(c_t)",
    )


_UNFOLDED = CellLayout(
    left=130, right=510, begin=84, end=556, join=162, f=210, i=277, g=344, o=411, read=456, up=489,
    text=25, layer_width=51, layer_text=20, beside=6,
)  # fmt: skip


def unfolded() -> Figure:
    """The cell over three time steps, the middle one in detail."""
    figure = Figure(
        "lstm/unfolded",
        640,
        448,
        "The LSTM unfolded over three time steps",
        "Three copies of the same cell stand side by side, for the steps t-1, t and t+1; the "
        "middle one shows its inside. The cell state c runs from cell to cell along the top, the "
        "hidden state h along the bottom. Each cell takes its input x from below and gives its "
        "hidden state upwards.",
    )
    at = lstm_cell(figure, _UNFOLDED)
    for left, step in ((22, "t-1"), (556, "t+1")):
        middle, right = left + 31, left + 62
        box(figure, left, at.top, 62, at.bottom - at.top, radius=14)
        figure.words(middle, (at.state + at.bus) / 2, "LSTM", size=20, fill="soft")
        wire(figure, [(middle, at.input - 16), (middle, at.bottom)], "x", width=THICK)
        figure.math(middle, at.input, f"x_{{{step}}}", size=25, fill="x")
        wire(figure, [(middle, at.top), (middle, at.output + 18)], "h", width=THICK)
        figure.math(middle, at.output, f"h_{{{step}}}", size=25, fill="h")
        for y, state in ((at.state, "c"), (at.bus, "h")):
            if left < middle < 320:
                wire(figure, [(2, y), (left, y)], state, width=THICK)
            else:
                wire(figure, [(right, y), (638, y)], state, width=THICK)
    return figure
