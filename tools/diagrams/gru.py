"""The figures of the GRU's pages."""

from __future__ import annotations

from tools.diagrams.gru_cell import gru_cell
from tools.diagrams.legend import ROW, legend
from tools.diagrams.parts import CIRCLE, THICK, box, layer, operation, pointwise, rule, wire
from tools.diagrams.svg import Figure

_WIDTH, _RULE = 560, 564


def cell() -> Figure:
    """The whole cell with its legend."""
    figure = Figure(
        "gru/cell",
        _WIDTH,
        _RULE + 18 + 6 * ROW,
        "The GRU cell",
        "The hidden state h runs along the top: it is multiplied by the update gate z, then one "
        "minus z times the candidate n is added. The update gate and the reset gate r are fed by "
        "the concatenated hidden state and input. The candidate is the tanh of a sum: the "
        "input's product, and the hidden state's product multiplied by the reset gate.",
    )
    gru_cell(figure)
    left = ("z", "r", "n", "times", "plus", "copy")
    right = ("sigmoid", "weights", "tanh", "one-minus", "join")
    legend(figure, _RULE, (left, right), places=(44, 314))
    return figure


def _highlighted(name: str, path: str, title: str, text: str, *equations: str) -> Figure:
    figure = Figure(f"gru/{name}", _WIDTH, _RULE + 22 + 38 * len(equations), title, text)
    gru_cell(figure, highlight=path)
    rule(figure, _RULE)
    for row, equation in enumerate(equations):
        figure.math(_WIDTH / 2, _RULE + 32 + 38 * row, equation, coloured=True)
    return figure


def reset_gate() -> Figure:
    """The reset gate's path."""
    return _highlighted(
        "reset-gate",
        "reset",
        "The reset gate in the GRU cell",
        "The GRU cell in grey, with the reset gate's path in colour: hidden state and input feed "
        "a sigmoid layer, whose output r multiplies the recurrent product on its way to the "
        "candidate.",
        "r_t = σ(W_{rx} x_t + W_{rh} h_{t-1} + b_r)",
        "r_t * (W_{nh} h_{t-1} + b_{nh})",
    )


def update_gate() -> Figure:
    """The update gate's path."""
    return _highlighted(
        "update-gate",
        "update",
        "The update gate in the GRU cell",
        "The GRU cell in grey, with the update gate's path in colour: hidden state and input "
        "feed a sigmoid layer, whose output z multiplies the old hidden state; one minus z "
        "multiplies the candidate; the two are added to give the new hidden state.",
        "z_t = σ(W_{zx} x_t + W_{zh} h_{t-1} + b_z)",
        "h_t = (1 - z_t) * n_t + z_t * h_{t-1}",
    )


def candidate() -> Figure:
    """How the candidate is computed."""
    return _highlighted(
        "candidate",
        "candidate",
        "The candidate in the GRU cell",
        "The GRU cell in grey, with the candidate's path in colour: the hidden state's product "
        "is multiplied by the reset gate, the input's product is added, and tanh gives the "
        "candidate n.",
        "n_t = tanh(W_{nx} x_t + b_{nx} + r_t * (W_{nh} h_{t-1} + b_{nh}))",
    )


def reset_before_after() -> Figure:
    """The two places of the reset gate."""
    figure = Figure(
        "gru/reset-before-after",
        _WIDTH,
        566,
        "Reset after or before the recurrent product",
        "Two panels with the way to the candidate n. Above, the hidden state is first multiplied "
        "by the recurrent weights and then by the reset gate. Below, it is first multiplied by "
        "the reset gate and then by the recurrent weights.",
    )
    _reset_panel(figure, 12, after=True)
    _reset_panel(figure, 294, after=False)
    return figure


def _reset_panel(figure: Figure, top: float, *, after: bool) -> None:
    title = "Reset after the product" if after else "Reset before the product"
    code = "reset_after=True" if after else "reset_after=False"
    figure.words(24, top + 22, title, anchor="start", bold=True)
    figure.words(_WIDTH - 24, top + 22, code, anchor="end", fill="soft")
    box(figure, 12, top + 44, _WIDTH - 24, 160, radius=16)
    line, low = top + 88, top + 168
    weights, reset, total, squash = (146, 242, 338, 428) if after else (242, 146, 338, 428)
    first, second = sorted((weights, reset))
    reach = {weights: 32, reset: CIRCLE}
    wire(figure, [(76, line), (first - reach[first], line)], "h", width=THICK)
    figure.math(46, line, "h_{t-1}", fill="h")
    colour = "n" if after else "h"
    middle = [(first + reach[first], line), (second - reach[second], line)]
    wire(figure, middle, colour)
    wire(figure, [(second + reach[second], line), (total - CIRCLE, line)], "n")
    wire(figure, [(total + CIRCLE, line), (squash - 29, line)], "n")
    wire(figure, [(squash + 29, line), (504, line)], "n")
    wire(figure, [(reset, low - 18), (reset, line + CIRCLE)], "r")
    wire(figure, [(total + 66, low), (total, low), (total, line + CIRCLE)], "n")
    layer(figure, weights, line, "W_{nh}", "n", width=64, size=22)
    operation(figure, reset, line, "times")
    operation(figure, total, line, "plus")
    pointwise(figure, squash, line, "tanh")
    layer(figure, total + 98, low, "W_{nx}", "n", width=64, size=22)
    wire(figure, [(510, low), (total + 130, low)], "x", width=THICK)
    figure.math(526, low, "x_t", fill="x")
    figure.math(524, line, "n_t", fill="n")
    figure.math(reset, low, "r_t", fill="r")
    equation = "r_t * (W_{nh} h_{t-1} + b_{nh})" if after else "W_{nh} (r_t * h_{t-1}) + b_{nh}"
    figure.math(
        _WIDTH / 2, top + 232, f"n_t = tanh(W_{{nx}} x_t + b_{{nx}} + {equation})", coloured=True
    )
