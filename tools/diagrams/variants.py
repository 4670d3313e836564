"""Variants of the LSTM cell: the cell in grey, with what is different in colour."""

from __future__ import annotations

from tools.diagrams.cell import lstm_cell
from tools.diagrams.parts import rule
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
