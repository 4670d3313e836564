"""Plots for the pages on practice."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS, canvas, label_lines
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
    """What the unit that is to hold a 1 answers, without and with a limit."""
    figure, axes = canvas(height=3.0)
    names = ("no limit", "limit 1")
    lines = {
        name: (answers, style)
        for name, answers, style in zip(names, run["curves"].values(), CONTENDERS, strict=False)
    }
    axes.axhline(1, color="#4a4f5c", linewidth=0.8, linestyle=(0, (1, 2)))
    axes.annotate("the goal", (2.3, 1.25), color="#4a4f5c")
    curves(axes, np.arange(1, 21), lines)
    axes.set(xlabel="updates", xticks=(1, 5, 10, 15, 20), ylim=(-0.4, 11.2))
    axes.set_ylabel("answer at step 10")
    label_lines(axes, room=0.2)
    return Picture(
        figure,
        "What a unit answers that learns to hold a 1, with and without clipping",
        "Two lines over twenty updates that begin together at 10.6; the goal is 1. Without a limit "
        "the answer drops to 0 after one update and stays there; with a limit of 1 it comes down "
        "in small steps, reaches 1 after about fifteen updates and stays near it.",
    )
