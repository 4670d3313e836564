"""The picture on the cover."""

from __future__ import annotations

from dataclasses import replace

from tools.diagrams.cell import CellLayout, lstm_cell
from tools.diagrams.svg import Figure

_PITCH = 300


def _layout(left: float) -> CellLayout:
    """A narrow cell whose lines meet its neighbours'."""
    return CellLayout(
        left=left, right=left + 274, begin=left - 13, end=left + 287,
        join=left + 27, f=left + 64, i=left + 106, g=left + 148, o=left + 190,
        read=left + 234, up=left + 258,
        top=146, bottom=440, state=188, squash=238, product=294, gate=352, bus=408,
        output=120, input=470, layer_width=34, layer_height=38, layer_text=28,
    )  # fmt: skip


def cover() -> Figure:
    """Three cells in a row, the middle one in colour, below the title."""
    figure = Figure(
        "cover",
        900,
        486,
        "Recurrent networks, gate by gate",
        "Three LSTM cells in a row. A golden line, the cell state, runs through all of them; the "
        "middle cell shows its gates, its input node and its hidden state in colour.",
    )
    figure.words(450, 46, "Recurrent networks, gate by gate", size=42, bold=True)
    figure.words(450, 92, "every snippet runs, in NumPy and in PyTorch", size=28, fill="soft")
    for number in range(3):
        at = _layout(13 + _PITCH * number)
        lstm_cell(figure, replace(at), highlight=None if number == 1 else "state", bare=True)
    return figure
