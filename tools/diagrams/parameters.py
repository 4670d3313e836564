"""The parameters of an LSTM and of a GRU of the same width, block by block."""

from __future__ import annotations

from tools.diagrams.parts import box
from tools.diagrams.svg import Figure

_WIDTH, _HEIGHT = 560, 420
_ROW, _TOP = 58, 96
_COLUMNS = ((23, 40), (71, 120), (199, 14), (221, 14))
"""Left edge and width of weight_ih, weight_hh and the two biases within a panel."""


def parameters() -> Figure:
    """Four blocks of rows against three."""
    figure = Figure(
        "gru/parameters",
        _WIDTH,
        _HEIGHT,
        "The parameters of an LSTM and of a GRU",
        "Two panels. Left, the LSTM: weight_ih, weight_hh and two bias vectors, each cut into four "
        "blocks of rows i, f, g, o. Right, the GRU of the same width: the same arrays, each cut "
        "into three blocks of rows r, z, n. Below, the state: h and c for the LSTM, h for the GRU.",
    )
    _panel(figure, 12, "LSTM", "ifgo", "4 H (I + H + 2)", ("h", "c"))
    _panel(figure, 286, "GRU", "rzn", "3 H (I + H + 2)", ("h",))
    return figure


def _panel(
    figure: Figure, left: float, name: str, gates: str, count: str, states: tuple[str, ...]
) -> None:
    box(figure, left, 12, 262, _HEIGHT - 24, radius=16)
    figure.words(left + 131, 38, name, bold=True)
    for label, (start, width) in zip(("I", "H", "1", "1"), _COLUMNS, strict=True):
        figure.math(left + start + width / 2, _TOP - 22, label, fill="soft")
    for row, gate in enumerate(gates):
        top = _TOP + row * _ROW
        for start, width in _COLUMNS:
            place = (left + start, top, width, _ROW - 8)
            figure.rect(*place, fill=f"{gate}-tint", stroke=gate, radius=5, line=2.2)
        figure.math(left + 131, top + (_ROW - 8) / 2, gate)
    figure.math(left + 131, 344, count)
    for number, state in enumerate(states):
        x = left + 131 + 34 * (2 * number + 1 - len(states))
        figure.math(x, 384, f"{state}_t", fill=state)
