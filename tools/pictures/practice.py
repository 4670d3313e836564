"""Plots for the pages on practice."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.plots import CONTENDERS, canvas, label_lines
from tools.pictures import picture
from tools.pictures.variants import curves


@picture("practice/overfit", "practice/training/overfit")
def overfit(run: dict[str, Any]) -> Picture:
    """The loss on one batch, read at the right step and at the wrong one."""
    figure, axes = canvas(height=3.0)
    names = {-1: "read at the\nlast step", 0: "read at the\nfirst step"}
    lines = {
        names[step]: (losses, style)
        for (step, losses), style in zip(run["curves"].items(), CONTENDERS, strict=False)
    }
    curves(axes, np.arange(1, 21), lines)
    axes.set(xlabel="updates on the same batch", xticks=(1, 5, 10, 15, 20), ylim=(0, 1.5))
    axes.set_ylabel("loss")
    label_lines(axes, room=0.25)
    return Picture(
        figure,
        "The loss on one batch, with the answer read at the last step and at the first",
        "Two lines over twenty updates that begin together at 1.39. Read at the last step the loss "
        "falls to 0.01; read at the first step it falls to 1.1 within ten updates and stays there.",
    )


@picture("practice/clip", "practice/training/clip")
def clip(run: dict[str, Any]) -> Picture:
    """The loss of the unit that is to hold a 1, without and with a limit."""
    figure, axes = canvas(height=3.0)
    names = ("no limit", "limit 1")
    lines = {
        name: (np.log10(losses), style)
        for name, losses, style in zip(names, run["curves"].values(), CONTENDERS, strict=False)
    }
    curves(axes, np.arange(1, 21), lines)
    axes.set(xlabel="updates", xticks=(1, 5, 10, 15, 20), ylim=(-2.4, 2.2))
    axes.set_yticks((-2, -1, 0, 1, 2), ("0.01", "0.1", "1", "10", "100"))
    axes.set_ylabel("loss")
    label_lines(axes, room=0.2)
    return Picture(
        figure,
        "The loss of a unit that learns to hold a number, with and without clipping",
        "Two lines over twenty updates on a logarithmic scale that begin together at 92. Without a "
        "limit the loss drops to 1 after one update and stays there; with a limit of 1 it falls "
        "steadily to about 0.01.",
    )
