"""Plots for the pages on gated cells: traces over the seven steps of the running example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.example import MARK, QUESTION
from rnn_book.experiments.claims import Picture
from rnn_book.palette import LIGHT
from rnn_book.plots import CONTENDERS, Style, canvas, label_lines, quantity
from tools.pictures import picture


def shade_events(axes: Any) -> None:
    """Shade the steps of the mark and of the question, and name them."""
    for step, name in ((MARK + 1, "mark"), (QUESTION + 1, "question")):
        axes.axvspan(step - 0.3, step + 0.3, color=LIGHT["edge"], alpha=0.6, linewidth=0)
        axes.annotate(
            name,
            (step, 1.01),
            xycoords=("data", "axes fraction"),
            ha="center",
            color=LIGHT["soft"],
        )


def lines_over_steps(
    axes: Any,
    lines: Mapping[str, tuple[Any, Style]],
    *,
    room: float = 0.3,
    at: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """One line with dots per name, over steps counted from 1; the names at the lines' ends, or
    `at` the given places.
    """
    for name, (values, style) in lines.items():
        steps = np.arange(1, len(values) + 1)
        (line,) = axes.plot(
            steps,
            np.round(np.asarray(values), 4),
            color=style.light,
            marker=style.marker,
            markersize=4.5,
            linewidth=1.8,
            label=name,
        )
        if style.dash:
            line.set_dashes(style.dash)
    axes.axhline(0, color="#4a4f5c", linewidth=0.6)
    axes.set_xlabel("step")
    axes.set_xticks(steps)
    shade_events(axes)
    if at is None:
        label_lines(axes, room=room)
    else:
        for name, place in at.items():
            axes.annotate(name, place, color=lines[name][1].light)


@picture("lstm/fade", "lstm/memory-cell/fade")
def fade(run: dict[str, Any]) -> Picture:
    """What is left of the mark in a plain unit, for three recurrent weights."""
    tanh = run["tanh"]
    lines = {}
    for w, style in zip((0.5, 1.0, 2.0), CONTENDERS, strict=False):
        marked, plain, trace = 0.0, 0.0, []
        for x_marked, x_plain in zip(run["marked"], run["plain"], strict=True):
            marked, plain = tanh(w * marked + x_marked), tanh(w * plain + x_plain)
            trace.append(marked - plain)
        lines[f"weight {w:g}"] = trace, style
    figure, axes = canvas(height=2.8)
    axes.set(ylim=(-0.05, 1.05))
    axes.set_ylabel("trace of the mark in h")
    lines_over_steps(axes, lines)
    return Picture(
        figure,
        "The trace of the mark in a plain recurrent unit",
        "Three lines over seven steps, for the recurrent weights 0.5, 1 and 2. All rise at step 2 "
        "and fall: with weight 0.5 and 2 next to nothing is left at step 6, with weight 1 about a "
        "quarter.",
    )


@picture("lstm/trace", "lstm/memory-cell/trace")
def trace(run: dict[str, Any]) -> Picture:
    """What is left of the mark in the cell state of the keeper and of the fader."""
    keeper, fader = (run["with_mark"] - run["without"])[:, 0].T
    state = quantity("c")
    figure, axes = canvas(height=2.8)
    axes.set(ylim=(-0.05, 1.05))
    axes.set_ylabel("trace of the mark in c")
    dashed = state._replace(dash=(4, 2), marker="s")
    lines_over_steps(
        axes,
        {"keeper": (keeper, state), "fader": (fader, dashed)},
        at={"keeper": (3.2, 0.83), "fader": (3.2, 0.2)},
    )
    return Picture(
        figure,
        "The trace of the mark in two units of an LSTM",
        "Two lines over seven steps. The keeper rises to 0.96 at step 2, is still at 0.93 at step "
        "6, the question, and drops to 0 at step 7. The fader rises to 0.38 and halves at every "
        "step.",
    )
