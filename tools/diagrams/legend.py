"""The legend below a cell."""

from __future__ import annotations

from collections.abc import Sequence

from rnn_book.experiments.palette import QUANTITIES
from tools.diagrams.parts import dot, layer, operation, pointwise, rule, wire
from tools.diagrams.svg import Figure

ROW = 38

WORDS: dict[str, str] = {
    "times": "elementwise product",
    "plus": "elementwise sum",
    "join": "concatenate",
    "copy": "copy",
    "sigmoid": "weights, then sigmoid",
    "tanh-layer": "weights, then tanh",
    "tanh": "elementwise tanh",
    "one-minus": "one minus",
    "weights": "weights and bias",
}


def _sign(figure: Figure, x: float, y: float, item: str) -> None:
    """Draw the sign of a legend entry about (x, y)."""
    if item in ("times", "plus", "join"):
        operation(figure, x, y, item, radius=13)
    elif item == "copy":
        wire(figure, [(x - 22, y + 7), (x + 22, y + 7)], "soft", arrow=False)
        wire(figure, [(x, y + 7), (x, y - 11)], "soft", arrow=False)
        dot(figure, x, y + 7, "soft")
    elif item == "sigmoid":
        layer(figure, x, y, "σ", "x", width=50, height=28, size=19)
    elif item == "tanh-layer":
        layer(figure, x, y, "tanh", "x", width=50, height=28, size=19)
    elif item == "weights":
        layer(figure, x, y, "W", "x", width=50, height=28, size=19)
    elif item == "tanh":
        pointwise(figure, x, y, "tanh", width=52, height=28, size=19)
    elif item == "one-minus":
        pointwise(figure, x, y, "1 -", width=52, height=28, size=19)
    elif item in QUANTITIES:
        layer(figure, x, y, item, item, width=34, height=28, size=22)
    else:
        raise ValueError(f"no sign for {item!r}")


def legend(
    figure: Figure, top: float, columns: Sequence[Sequence[str]], *, places: Sequence[float]
) -> None:
    """Draw entries in columns whose signs are centred at ``places``, below a fine rule."""
    rule(figure, top)
    for x, entries in zip(places, columns, strict=True):
        for row, item in enumerate(entries):
            y = top + 30 + ROW * row
            words = QUANTITIES[item].words if item in QUANTITIES else WORDS[item]
            with figure.part("legend"):
                _sign(figure, x, y, item)
                figure.words(x + 36, y, words, anchor="start")
