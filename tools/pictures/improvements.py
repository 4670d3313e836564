"""Plots for the pages on improvements."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS, canvas, label_lines, line, quantity
from tools.pictures import picture


@picture("improvements/trap", "improvements/recurrent-dropout/trap")
def trap(run: dict[str, Any]) -> Picture:
    """For how long each of 25 units holds its 1, under three masks."""
    figure, panels = canvas(3, height=3.0, sharey=True)
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
    figure, panels = canvas(2, height=3.0, sharey=True)
    below = np.arange(1, len(run["layers"]) + 1)
    styles = {"plain": CONTENDERS[1], "residual": CONTENDERS[0]}
    for axes, place, title in zip(
        panels, (0, 1), ("signal, upwards", "gradient, downwards"), strict=True
    ):
        for name, style in styles.items():
            line(
                axes,
                below,
                np.round(np.array([float(value) for value in run["found"][name][place]]) / 1000, 6),
                style=style,
                marker=style.marker,
                markersize=4.5,
                linewidth=1.8,
                label=name,
            )
        axes.set(yscale="log", ylim=(3e-5, 20), xticks=below)
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


@picture("improvements/seen", "improvements/bidirectional/seen")
def seen(run: dict[str, Any]) -> Picture:
    """Which steps each half of the output has seen."""
    figure, panels = canvas(2, height=3.2, sharey=True)
    titles = {"first half": "first half, reads forwards", "second half": "second half, backwards"}
    for axes, (name, title), style in zip(
        panels, titles.items(), (quantity("h"), CONTENDERS[-1]), strict=True
    ):
        table = run["seen"][name]
        for t, row in enumerate(table, start=1):
            for step, change in enumerate(row, start=1):
                if change > 0:
                    axes.bar(step, 0.84, width=0.84, bottom=t - 0.42, color=style.light)
        steps = range(1, len(table) + 1)
        axes.set(xlim=(0.4, 7.6), ylim=(7.6, 0.4), xticks=steps, yticks=steps, aspect="equal")
        axes.set_title(title)
        axes.set_xlabel("has seen step")
        axes.grid(visible=False)
    panels[0].set_ylabel("output at step")
    return Picture(
        figure,
        "Which steps each half of a bidirectional layer's output has seen",
        "Two tables of seven by seven tiles, a row per step of the output and a column per step of "
        "the input. In the first half, the row of a step is filled from the left up to that step. "
        "In the second half, it is filled from that step to the right end.",
    )


@picture("improvements/stuck", "improvements/layer-normalisation/scale")
def stuck(run: dict[str, Any]) -> Picture:
    """The share of forget gates that are stuck, over the scale of the input."""
    figure, axes = canvas(height=2.8)
    scales = np.geomspace(1, 300, 26)
    for (name, layer), style in zip(run["layers"].items(), CONTENDERS[1::-1], strict=True):
        gates = [run["record_gates"](layer, scale * run["x"])["l0"]["f"] for scale in scales]
        share = [float(((f < 0.01) | (f > 0.99)).mean()) for f in gates]
        line(axes, np.round(scales, 2), np.round(share, 4), style=style, linewidth=1.8, label=name)
    axes.set(xscale="log", ylim=(-0.03, 1.0), xlim=(1, 300), xlabel="the input is multiplied by")
    axes.set_xticks((1, 10, 100), ("1", "10", "100"))
    axes.set_ylabel("share of stuck gates")
    label_lines(axes, room=0.38)
    return Picture(
        figure,
        "The share of forget gates that are stuck, over the scale of the input",
        "Two lines over the factor by which the input is multiplied, on a logarithmic scale. For "
        "the plain LSTM the share of stuck gates rises from 0 to above 0.8 at a factor of 100. For "
        "the normalised LSTM it stays at 0 throughout.",
    )


@picture("improvements/twice", "improvements/combining/twice")
def twice(run: dict[str, Any]) -> Picture:
    """What two masks cut together, counted for several probabilities."""
    figure, axes = canvas(height=2.8)
    chances = np.linspace(0.05, 0.75, 15)
    cut: dict[str, list[float]] = {"one mask": [], "two masks": []}
    for p in (float(chance) for chance in chances):
        layer = run["LSTM"](3, 64, recurrent_dropout=p, weight_drop=p, rng=0, dtype="float64")
        layer(run["x"][:1])
        masks = layer.last_masks["l0"]
        cut["one mask"].append(float((masks["weight_drop"] == 0).mean()))
        both = masks["weight_drop"] * masks["recurrent"][0]
        cut["two masks"].append(float((both == 0).mean()))
    for (name, shares), style in zip(cut.items(), CONTENDERS, strict=False):
        axes.plot(
            np.round(chances, 2),
            np.round(shares, 3),
            color=style.light,
            marker=style.marker,
            markersize=4.5,
            linewidth=1.6,
            label=name,
        )
    axes.set(xlabel="probability of each mask", ylim=(0, 1), xlim=(0, 0.75))
    axes.set_ylabel("connections that are cut")
    label_lines(axes, room=0.26)
    return Picture(
        figure,
        "The share of connections that one mask and two masks cut",
        "Two lines over the probability of each mask. With one mask the share of cut connections "
        "follows the probability. With two masks it is nearly twice as large at first, reaches "
        "three quarters at a probability of one half, and then bends towards 1.",
    )
