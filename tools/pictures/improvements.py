"""Plots for the pages on improvements."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.plots import CONTENDERS, canvas, label_lines, quantity
from tools.pictures import picture


@picture("improvements/trap", "improvements/recurrent-dropout/trap")
def trap(run: dict[str, Any]) -> Picture:
    """For how long each of 25 units holds its 1, under three masks."""
    figure, panels = canvas(3, width=7.0, height=3.0, sharey=True)
    titles = {
        "anew at every step": "on the carry,\nanew at every step",
        "one for all steps": "on the carry,\none for all steps",
        "beside the carry": "beside the carry",
    }
    style = quantity("h")
    for axes, (name, title) in zip(panels, titles.items(), strict=True):
        states = np.stack([np.asarray(step)[0] for step in run["states"][name]])
        for unit, values in enumerate(states.T[:25], start=1):
            alive = int((values > 0).sum())
            if alive:
                thick = 1.4 if values[-1] <= 1 else 2.6
                axes.hlines(unit, 0, alive, color=style.light, linewidth=thick)
        axes.set(xlim=(0, 50), ylim=(0, 26), xticks=(0, 25, 50), yticks=())
        axes.set_title(title)
        axes.set_xlabel("step")
        axes.grid(visible=False)
    panels[0].set_ylabel("25 units that hold a 1")
    return Picture(
        figure,
        "For how long units remember under three masks",
        "Three panels with a bar per unit over 50 steps, which ends where the unit has lost its "
        "memory. A mask on the carry, drawn anew at every step: all bars end, most of them within "
        "20 steps. One mask for all steps: a few units are gone from the start, the others last "
        "and are drawn thick because they grow. A mask beside the carry: all bars last.",
    )


@picture("improvements/depth", "improvements/stacking/depth")
def depth(run: dict[str, Any]) -> Picture:
    """What gets through a stack of fresh layers, upwards and back down."""
    figure, panels = canvas(2, width=7.0, height=3.0, sharey=True)
    below = np.arange(1, len(run["layers"]) + 1)
    styles = {"plain": CONTENDERS[1], "residual": CONTENDERS[0]}
    for axes, place, title in zip(
        panels, (0, 1), ("signal, upwards", "gradient, downwards"), strict=True
    ):
        for name, style in styles.items():
            (line,) = axes.plot(
                below,
                np.round(np.array([float(value) for value in run["found"][name][place]]) / 1000, 6),
                color=style.light,
                marker=style.marker,
                markersize=4.5,
                linewidth=1.8,
                label=name,
            )
            if style.dash:
                line.set_dashes(style.dash)
        axes.set(yscale="log", ylim=(1e-4, 20), xticks=below)
        axes.set_title(title)
        axes.set_xlabel("layers that it has passed")
        label_lines(axes, room=0.34)
    return Picture(
        figure,
        "What gets through a stack of six fresh layers",
        "Two panels over the number of layers passed, on a logarithmic scale. In a plain stack the "
        "signal on its way up and the gradient on its way down fall along straight lines by three "
        "orders of magnitude. In a stack with residual connections both stay level.",
    )
