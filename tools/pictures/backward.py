"""Plots for the pages on gradients in an LSTM: by step, and by lag."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book import record_gates
from rnn_book.experiments.claims import Picture
from rnn_book.experiments.palette import LIGHT
from rnn_book.experiments.plots import (
    CONTENDERS,
    canvas,
    gradient_axis,
    label_lines,
    line,
    quantity,
)
from tools.pictures import picture
from tools.pictures.gates import lines_over_steps


@picture("lstm/through-time", "lstm/backward-pass/through_time")
def through_time(run: dict[str, Any]) -> Picture:
    """Gradients of the keeper's two states, from the answer back to the first step."""
    d_h, d_c = run["trail"].T
    figure, axes = canvas(height=2.8)
    axes.set(ylim=(-0.12, 1.08))
    axes.set_ylabel("gradient of the answer")
    lines = {"dc": (d_c, quantity("c")), "dh": (d_h, quantity("h"))}
    lines_over_steps(axes, lines, at={"dc": (3.2, 0.5), "dh": (3.2, 0.03)})
    return Picture(
        figure,
        "The gradients of the keeper's states on their way back through time",
        "Two lines over six steps, to be read from the right. The gradient of the hidden state is "
        "1 at step 6, where the answer is, and near 0 at all steps before. That of the cell state "
        "is 0.45 at step 6 and level all the way back to step 1.",
    )


@picture("lstm/two-ways", "lstm/long-lags/paths")
def two_ways(run: dict[str, Any]) -> Picture:
    """What is left of a gradient by lag, along the cell state alone and on all ways."""
    figure, axes = canvas(height=3.8)
    axes.set(xlim=(0, 200), xlabel="lag, steps", xticks=range(0, 201, 50))
    gradient_axis(axes, 1e-10, 10)
    for style, name in zip(CONTENDERS, run["layers"], strict=False):
        for ways, label, dash in (("all_ways", name, ()), ("alone", "_", (3, 2))):
            norms = run[ways][name][1:]
            shown = norms > 1e-10
            lags = np.arange(1, len(norms) + 1)[shown]
            values = [float(f"{norm:.4g}") for norm in norms[shown]]
            line(axes, lags, values, style=style._replace(dash=dash), linewidth=1.7, label=label)
    axes.text(
        120, 1e-7, "solid: all ways back\ndashed: along c alone", va="top", color=LIGHT["ink"]
    )
    label_lines(axes, room=0.3)
    return Picture(
        figure,
        "Norm of the gradient by lag in fresh LSTMs, along the cell state alone and on all ways",
        "Six lines over 200 steps, on a logarithmic axis. Along the cell state alone the line "
        "falls steeply with forget bias 1, slowly with forget bias 3, and is level without a "
        "forget gate. Counting all ways back each line is above its partner, by more the further "
        "back; without a forget gate it rises at the end.",
    )


@picture("lstm/adder", "lstm/long-lags/adder")
def adder(run: dict[str, Any]) -> Picture:
    """The adder's cell state along one long sequence, with its forget gate open and nearly so."""
    x, layer = run["x"][:, :1], run["layer"]
    figure, axes = canvas(height=2.8)
    style = quantity("c")
    for bias, label, dash in ((50.0, "f = 1", ()), (8.0, "f = 0.9997", (4, 2))):
        weights = layer.state_dict()
        weights["bias_ih_l0"][1] = bias
        layer.load_state_dict(weights)
        c = record_gates(layer, x)["l0"]["c"][:, 0, 0]
        marks = np.flatnonzero(x[:, 0, 1])
        steps = np.unique([*range(0, len(c), 100), *(marks - 1), *marks, len(c) - 1])
        values = np.round(100 * c[steps], 4)
        line(axes, steps + 1, values, style=style._replace(dash=dash), linewidth=1.8, label=label)
    axes.set(xlim=(0, len(x)), ylim=(-0.03, 1), xlabel="step")
    axes.set_ylabel("100 times the cell state c")
    label_lines(axes, room=0.22)
    return Picture(
        figure,
        "The adder's cell state over ten thousand steps",
        "Two lines over ten thousand steps. Each jumps up at the two marks. With the forget gate "
        "fully open the line is level between and after them, and ends at the sum, 0.77. With a "
        "gate of 0.9997 it sags after each jump and ends far below.",
    )


@picture("lstm/stream-growth", "lstm/endless-streams/growth")
def stream_growth(run: dict[str, Any]) -> Picture:
    """Size of the cell state and slope of its tanh, over ten thousand symbols."""
    figure, (size, slope) = canvas(1, 2, height=5.2)
    steps = np.unique(np.round(np.geomspace(1, len(run["x"]), 80)).astype(int))
    for style, (name, layer) in zip(CONTENDERS, run["layers"].items(), strict=False):
        c = record_gates(layer, run["x"])["l0"]["c"][steps - 1, 0]
        for axes, values in ((size, abs(c)), (slope, 1 - np.tanh(c) ** 2)):
            mean = np.round(values.mean(axis=-1), 4)
            line(axes, steps, mean, style=style, linewidth=1.7, label=name)
    size.set(xscale="log", yscale="log", xlim=(1, steps[-1]), ylim=(0.05, 2000))
    slope.set(xscale="log", xlim=(1, steps[-1]), ylim=(0, 1.02), xlabel="symbols read")
    size.set_ylabel("mean |c|")
    slope.set_ylabel("mean slope of tanh")
    for axes in (size, slope):
        label_lines(axes, room=0.34)
    return Picture(
        figure,
        "Cell state and slope of its tanh in two fresh layers along a stream",
        "Two panels over ten thousand symbols, on a logarithmic axis. Above, the mean size of the "
        "cell state: level at 0.3 with a forget gate, rising along a straight line to 723 without. "
        "Below, the mean slope of the tanh: level at 0.9 with the gate, falling to about 0.1 "
        "without.",
    )
