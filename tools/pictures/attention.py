"""A plot for the page on encoder, decoder and attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.palette import LIGHT
from rnn_book.experiments.plots import canvas, quantity
from tools.pictures import picture


@picture("practice/attention-map", "practice/encoder-decoder-attention/map")
def attention_map(run: dict[str, Any]) -> Picture:
    """Where each step of the decoder looked, character by character."""
    weights = np.round(run["weights"][:, 0], 2)
    written, iso = run["written"], run["iso"]
    figure, axes = canvas(height=4.4)
    state = quantity("h")
    axes.grid(False)
    for row, column in zip(*np.nonzero(weights >= 0.03), strict=True):
        # Squares whose opacity is the share, so that both themes keep their own background.
        axes.fill(
            column + np.array([-0.5, 0.5, 0.5, -0.5]),
            row + np.array([-0.5, -0.5, 0.5, 0.5]),
            color=state.light,
            alpha=float(weights[row, column]),
            linewidth=0,
        )
    axes.set(xlim=(-0.6, len(written) - 0.4), ylim=(len(iso) + 0.6, -0.6), xlabel="read")
    axes.set_ylabel("written")
    axes.set_xticks(range(len(written)), [letter.replace(" ", "␣") for letter in written])
    axes.set_yticks(range(len(iso) + 1), [*iso.replace(" ", "␣"), "↵"])
    axes.tick_params(length=0)
    for place in range(len(iso) + 1):
        axes.axhline(place, color=LIGHT["edge"], linewidth=0.4, zorder=0)
    return Picture(
        figure,
        "Where the decoder looked while it wrote two dates",
        "A grid with the written line along the bottom and the ISO form down the side. While the "
        "year 1998 is written, the dark squares lie on 1998; for 03 on the word March; for 04 on "
        "the word fourth. For the second date they lie on 2031, on Oct, and on the 7 before it.",
    )
