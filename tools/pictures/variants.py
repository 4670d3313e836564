"""Plots for the pages on variants, squashing functions, and training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS, Style, canvas, label_lines, line, quantity
from tools.pictures import picture
from tools.pictures.gates import Lines, lines_over_steps


def curves(axes: Any, x: Any, lines: Mapping[str, tuple[Any, Style]]) -> None:
    """A line per name over the same places."""
    for name, (values, style) in lines.items():
        line(
            axes, x, np.round(np.asarray(values, float), 4), style=style, linewidth=1.8, label=name
        )


@picture("lstm/timer", "lstm/variants/timer")
def timer(run: dict[str, Any]) -> Picture:
    """Cell state and hidden state of the timer, with and without peepholes."""
    figure, both = canvas(2, height=2.8, sharey=True)
    layer, weights = run["layer"], run["weights"]
    for axes, (title, size) in zip(both, (("with peepholes", 200), ("without", 0)), strict=True):
        weights["weight_peephole_l0"][:] = np.array([0, -size, size])
        layer.load_state_dict(weights)
        gates = run["record_gates"](layer, run["x"])["l0"]
        lines = {symbol: (gates[symbol][:, 0, 0], quantity(symbol)) for symbol in "ch"}
        curves(axes, np.arange(1, len(run["x"]) + 1), lines)
        axes.set(xlabel="step", title=title, xticks=(1, 6, 12), ylim=(-0.05, 1.5))
        label_lines(axes, room=0.12)
    return Picture(
        figure,
        "One unit that counts the steps, with and without peepholes",
        "Two panels over fourteen steps. With peepholes the cell state c climbs from 0.1 to 0.6 in "
        "six steps and falls back to 0.1, again and again, and the hidden state h is 0.54 at each "
        "peak and 0 elsewhere. Without them c climbs to 1.4 and h is 0 throughout.",
    )


@picture("lstm/coupled-keeper", "lstm/variants/coupled")
def coupled_keeper(run: dict[str, Any]) -> Picture:
    """Forget gate, cell state and hidden state of the keeper with coupled gates."""
    lines: Lines = {symbol: (run["gates"][symbol][:, 0, 0], quantity(symbol)) for symbol in "fch"}
    figure, axes = canvas(height=2.8)
    axes.set(ylim=(-0.05, 1.1))
    lines_over_steps(axes, lines, room=0.1)
    return Picture(
        figure,
        "A keeper with coupled gates",
        "Three lines over seven steps. The forget gate f is near 1 but for step 2, where it is 0. "
        "The cell state c rises to 0.96 there and sinks a little at each step, to 0.93. The hidden "
        "state h is near 0 but for step 6, where it is 0.73.",
    )


@picture("lstm/squash-factor", "lstm/tanh-or-sigmoid/factor")
def squash_factor(run: dict[str, Any]) -> Picture:
    """The gradient by lag in a plain layer with a tanh, and with a sigmoid."""
    figure, axes = canvas(height=2.8)
    layers = {"tanh": run["tanh_layer"], "sigmoid": run["sigmoid_layer"]}
    norms = {name: run["gradient_by_lag"](layer, run["x"], rng=2) for name, layer in layers.items()}
    lines = {
        name: (np.log10(norms[name]), style) for name, style in zip(norms, CONTENDERS, strict=False)
    }
    curves(axes, np.arange(31), lines)
    axes.set(xlabel="lag, in steps", yticks=(0, -10, -20))
    axes.set_ylabel("gradient, powers of ten")
    label_lines(axes, room=0.2)
    return Picture(
        figure,
        "The gradient by lag in a plain layer with a tanh and with a sigmoid",
        "Two nearly straight lines over lags of 0 to 30 steps, on a scale of powers of ten. The "
        "tanh's falls to -8, the sigmoid's to -25.",
    )


@picture("lstm/squash-places", "lstm/tanh-or-sigmoid/places")
def squash_places(run: dict[str, Any]) -> Picture:
    """All cell states and hidden states at the last step, sorted."""
    sigmoid = run["sigmoid"]
    sorted_states: dict[str, Lines] = {"cell state c": {}, "hidden state h": {}}
    for (name, (node, squash)), style in zip(run["places"].items(), CONTENDERS, strict=False):
        h = c = np.zeros((10, 32))
        for x_t in run["x"]:
            a = x_t @ run["W_x"].T + run["b_x"] + h @ run["W_h"].T + run["b_h"]
            a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
            c = sigmoid(a_f) * c + sigmoid(a_i) * node(a_g)
            h = sigmoid(a_o) * squash(c)
        for lines, states in zip(sorted_states.values(), (c, h), strict=True):
            lines[name] = np.sort(states.ravel()), style
    figure, both = canvas(2, height=3.2)
    for axes, (title, lines) in zip(both, sorted_states.items(), strict=True):
        curves(axes, np.linspace(0, 100, 320), lines)
        axes.axhline(0, color="#4a4f5c", linewidth=0.6)
        axes.set(title=title, xlabel="units, sorted, %")
    both[0].legend(loc="upper left", handlelength=1.3, borderaxespad=0)
    return Picture(
        figure,
        "Cell states and hidden states with a tanh or a sigmoid in two places",
        "Two panels with three rising lines each, the values of all units from the least to the "
        "greatest. Cell states: with a sigmoid as input node they run from 1.5 to 11, with the "
        "others from below -5 to above 4, through 0 in the middle. Hidden states: with two tanhs "
        "from -0.7 to 0.7, with a sigmoid in either place above 0 throughout.",
    )


@picture("lstm/always-clipped", "lstm/in-practice/always")
def always_clipped(run: dict[str, Any]) -> Picture:
    """How far each update moves the weights, by optimiser and limit."""
    figure, both = canvas(2, height=3.0)
    limits = {"no limit": float("inf"), "0.1": 0.1, "0.01": 0.01}
    for axes, (name, rate) in zip(both, {"SGD": 0.1, "Adam": 0.01}.items(), strict=True):
        lines = {
            label: (np.log10(run["moves"](run[name], rate, limit)), style)
            for (label, limit), style in zip(limits.items(), CONTENDERS, strict=False)
        }
        curves(axes, np.arange(1, 21), lines)
        axes.set(title=name, xlabel="update", xticks=(1, 10, 20), ylim=(-3.6, 0.2))
        axes.set_yticks((-3, -2, -1, 0), ("0.001", "0.01", "0.1", "1"))
    both[0].legend(loc="upper right")
    return Picture(
        figure,
        "How far an update moves the weights, with three clipping limits",
        "Two panels over twenty updates, on a logarithmic scale. SGD: without a limit the distance "
        "falls from 0.5 to about 0.001; with the limits 0.1 and 0.01 it is level at 0.01 and "
        "0.001. Adam: three lines that are nearly the same fall from 0.36 to about 0.06.",
    )
