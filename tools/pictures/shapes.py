"""Plots for the page on the shapes of tasks."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.palette import LIGHT
from rnn_book.experiments.plots import CONTENDERS, canvas, label_lines, line
from tools.pictures import picture


@picture("practice/delay", "practice/task-shapes/delay")
def delay(run: dict[str, Any]) -> Picture:
    """The loss with and without a delay, beside the best that is possible without."""
    figure, axes = canvas(height=2.8)
    axes.axhline(0.5, color=LIGHT["soft"], linewidth=0.9)
    axes.annotate("the best without a delay", (8, 0.54), color=LIGHT["soft"])
    for steps, style, name in zip((0, 1), CONTENDERS, ("no delay", "delay 1"), strict=False):
        losses = np.round(run["losses"][steps], 4)
        updates = np.arange(1, len(losses) + 1)
        line(axes, updates, losses, style=style, linewidth=1.8, label=name)
    axes.set(xlabel="update", ylabel="loss", ylim=(0, 0.8), xlim=(1, 20), xticks=(1, 5, 10, 15, 20))
    label_lines(axes, room=0.2)
    return Picture(
        figure,
        "The loss in training with no delay and with a delay of one step",
        "Two lines over 20 updates, both from 0.7. With no delay the loss falls to one half and "
        "stays there, at the line that marks the best that is possible. With a delay of one step "
        "it falls below that line after a few updates and ends at 0.07.",
    )
