"""The gate lab before it has been started: the keeper's traces over the book's sequence."""

from __future__ import annotations

from rnn_book.example import SEQUENCE
from tools.diagrams.svg import Figure
from tools.page.gates import trace

_KEEPER = {"f": (5, 0, -12), "i": (-5, 10, 0), "g": (0, 2, 0), "o": (-5, -10, 0)}
_WIDTH, _LEFT, _RIGHT, _ROW, _PAD = 560, 64, 16, 62, 12


def gate_lab() -> Figure:
    """One row per quantity, as the lab draws them."""
    rows = "xfigoch"
    figure = Figure(
        "labs/gate-lab",
        _WIDTH,
        _ROW * len(rows) + 34,
        "The keeper's traces over seven steps",
        "Seven rows over seven steps. The input has a mark at step 2 and a question at step 6. The "
        "forget gate is near 1 until it falls at step 7, the input gate opens at step 2, the "
        "output gate at step 6. The cell state holds its value from step 2 to step 6.",
    )
    traces = {"x": list(SEQUENCE)} | trace("lstm", SEQUENCE, _KEEPER)["traces"]
    across = (_WIDTH - _LEFT - _RIGHT) / len(SEQUENCE)
    for row, letter in enumerate(rows):
        low, high = (0, 1) if letter in "fio" else (-1, 1)
        bottom, height = _ROW * (row + 1) - _PAD, _ROW - 2 * _PAD
        # Rounded before it is scaled, so that every machine draws the same line.
        ys = [bottom - height * (round(v, 3) - low) / (high - low) for v in traces[letter]]
        zero = bottom - height * (0 - low) / (high - low)
        figure.path(["M", _LEFT, zero, "L", _WIDTH - _RIGHT, zero], stroke="edge", width=1.4)
        figure.math(26, _ROW * row + _ROW / 2, letter, fill=letter)
        data: list[str | float] = []
        for step, y in enumerate(ys):
            x = _LEFT + (step + 0.5) * across
            data += ["L" if data else "M", x, y]
            figure.circle(x, y, 4.5, fill=letter)
        figure.path(data, stroke=letter, width=2.8)
    for step in range(len(SEQUENCE)):
        x = _LEFT + (step + 0.5) * across
        figure.words(x, _ROW * len(rows) + 14, str(step + 1), fill="soft", size=17)
    return figure
