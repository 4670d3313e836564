"""Plots of what becomes of a gradient, and of ways to carry it further."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS, canvas, gradient_axis, label_lines, line
from tools.pictures import picture


@picture("rnn/window-gradient", "rnn/backpropagation-through-time/window")
def window_gradient(run: dict[str, Any]) -> Picture:
    """What the last of twelve states says to each input, whole and in windows of four."""
    figure, panels = canvas(2, height=2.8, sharey=True)
    steps = np.arange(1, 13)
    for axes, window, style in zip(panels, (12, 4), CONTENDERS, strict=False):
        state: Any = None
        for begin in range(0, 12, window):
            _, state = run["layer"](run["x"][begin : begin + window], state)
        d_x, _ = run["layer"].backward(None, state)
        sizes = np.linalg.norm(d_x[:, 0], axis=1).round(8)
        axes.bar(steps[-window:], sizes, width=0.6, color=style.light)
        axes.set(xlabel="step of the input", xticks=(1, 4, 8, 12), xlim=(0.3, 12.7))
        gradient_axis(axes, 1e-6, 1)
        axes.set_title("one window of 12" if window == 12 else "windows of 4")
        for edge in range(window, 12, window):
            axes.axvline(edge + 0.5, color="#4a4f5c", linewidth=1)
    panels[1].set_ylabel("")
    panels[1].annotate("nothing", (2.5, 3e-6), ha="center", color=CONTENDERS[1].light)
    return Picture(
        figure,
        "The gradient of the last of twelve states with respect to each input",
        "Two panels of bars on a scale of powers of ten. With one window of twelve steps the bars "
        "grow from a hundred-thousandth at the first input to a tenth at the last. With windows of "
        "four, the last four bars are the same and the others are missing.",
    )


@picture("rnn/spectrum", "rnn/vanishing-gradients/spectrum")
def spectrum(run: dict[str, Any]) -> Picture:
    """The eigenvalues of a fresh matrix in the plane, and a vector that it multiplies."""
    blue, orange = CONTENDERS[0], CONTENDERS[1]
    figure, (plane, sizes) = canvas(2, height=3.2)
    values = np.linalg.eigvals(run["W"])
    turn = np.linspace(0, 2 * np.pi, 200)
    radius = 3**-0.5
    # Conjugate pairs come in an order that may differ between machines.
    values = values[np.lexsort((values.imag.round(6), values.real.round(6)))].round(4)
    plane.plot(values.real, values.imag, ".", color=blue.light, markersize=4)
    for r, style, label in ((radius, blue, "1/√3"), (1.0, orange, "1")):
        line(plane, r * np.cos(turn), r * np.sin(turn), style=style, linewidth=1.4)
        plane.annotate(f"radius {label}", (0, r + 0.04), ha="center", color=style.light)
    plane.set(aspect="equal", xlim=(-1.25, 1.25), ylim=(-1.25, 1.25))
    plane.set_title("256 eigenvalues")
    found = np.array(run["sizes"], float)
    lags = np.arange(len(found))
    sizes.plot(lags, np.round(np.log10(found / found[0]), 4), color=blue.light, linewidth=1.8)
    line(sizes, lags, np.round(lags * np.log10(radius), 4), style=orange)
    sizes.set(xlabel="steps back", title="gradient, powers of ten")
    sizes.annotate("0.577 per step", (20, -3.6), color=orange.light)
    return Picture(
        figure,
        "Eigenvalues of a fresh recurrent matrix, and what they do to a gradient",
        "Left, 256 points in the plane fill a circle of radius 0.58, well inside the circle of "
        "radius 1. Right, the size of a vector over 50 products with the matrix: a straight line "
        "on a scale of powers of ten, on top of a dashed line with the factor 0.577 per step.",
    )


@picture("rnn/ring", "rnn/vanishing-gradients/ring")
def ring(run: dict[str, Any]) -> Picture:
    """The gradient of the ring by lag, in silence and with noise, for four stretches."""
    layer, weights, noise = run["layer"], run["weights"], run["noise"]
    figure, panels = canvas(2, height=3.0, sharey=True)
    for axes, x, title in zip(panels, (0 * noise, noise), ("no input", "with noise"), strict=True):
        for g, style in zip((0.9, 1.0, 1.1, 1.5), CONTENDERS, strict=False):
            for unit in range(32):
                weights["weight_hh_l0"][unit, unit - 1] = g
            layer.load_state_dict(weights)
            norms = run["gradient_by_lag"](layer, x, rng=0)
            line(axes, np.round(np.log10(norms), 3), style=style, linewidth=1.6, label=f"g = {g}")
        axes.set(xlabel="lag", title=title, ylim=(-36, 21))
        label_lines(axes, room=0.34)
    panels[0].set_ylabel("gradient, powers of ten")
    return Picture(
        figure,
        "The gradient by lag in a ring of units",
        "Two panels over 100 lags. Without input, four straight lines: rising for g of 1.1 and "
        "1.5, level for 1, falling for 0.9. With noise, the line for 1.5 falls more steeply than "
        "all others, the one for 1.1 still rises a little.",
    )


@picture("rnn/vanishing-seeds", "rnn/vanishing-gradients/seeds")
def vanishing_seeds(run: dict[str, Any]) -> Picture:
    """The gradient by lag of ten fresh layers."""
    figure, axes = canvas(height=2.8)
    for curve in run["curves"]:
        axes.plot(np.log10(curve).round(3), color=CONTENDERS[0].light, linewidth=1.1)
    axes.plot([0, 100], [0, -50 * np.log10(3).round(4)], color=CONTENDERS[1].light, dashes=(6, 2))
    axes.annotate("0.577 per step", (64, -13.5), color=CONTENDERS[1].light)
    axes.annotate("ten fresh layers", (28, -20), color=CONTENDERS[0].light)
    axes.set(xlabel="lag", xlim=(0, 100), ylim=(-31, 1.5))
    axes.set_ylabel("gradient, powers of ten")
    return Picture(
        figure,
        "The gradient by lag in ten fresh plain layers",
        "Ten nearly straight lines over 100 lags on a scale of powers of ten. All fall, and end "
        "between -23 and -30, around or below a dashed line with the factor 0.577 per step.",
    )


@picture("rnn/starts", "rnn/other-ways-out/starts")
def starts(run: dict[str, Any]) -> Picture:
    """The gradient by lag of four starts: the snippet's loop, with every lag kept."""
    figure, axes = canvas(height=3.2)
    names = {"default": "default", "orthogonal": "orthogonal", "identity": "identity, ReLU"}
    for (name, (W, leak)), style in zip(run["ways"].items(), CONTENDERS, strict=False):
        h, jacobians, eye = np.zeros(run["H"]), [], np.eye(run["H"])
        for x_t in run["x"]:
            a = run["W_x"] @ x_t + W @ h
            relu = name == "identity"
            new = np.maximum(a, 0) if relu else np.tanh(a)
            slope = new > 0 if relu else 1 - new**2
            h = (1 - leak) * h + leak * new
            jacobians.append((1 - leak) * eye + leak * slope[:, None] * W)
        d_h, sizes = np.ones(run["H"]) / run["H"] ** 0.5, [1.0]
        for jacobian in jacobians[::-1]:
            d_h = jacobian.T @ d_h
            sizes.append(float(np.linalg.norm(d_h)))
        label = names.get(name, f"{name}, {leak:g}")
        line(axes, np.log10(sizes).round(3), style=style, linewidth=1.7, label=label)
    axes.set(xlabel="lag", ylim=(-25, 1.5), xlim=(0, 100))
    axes.set_ylabel("gradient, powers of ten")
    label_lines(axes, room=0.34)
    return Picture(
        figure,
        "The gradient by lag in four fresh networks",
        "Four lines over 100 lags on a scale of powers of ten. The default start falls in a "
        "straight line to below -23, the orthogonal one to -7.5; leaky units end at -1.3 and the "
        "identity start with ReLU at -0.55.",
    )


@picture("rnn/echo", "rnn/other-ways-out/echo")
def echo(run: dict[str, Any]) -> Picture:
    """How well a readout names the input of so many steps ago, for three spectral radii."""
    figure, axes = canvas(height=3.0)
    delays = np.arange(1, 51)
    layer, x = run["layer"], run["x"]
    for radius, style in zip((0.5, 0.9, 0.99), CONTENDERS, strict=False):
        layer.load_state_dict({**run["weights"], "weight_hh_l0": radius * run["W"]})
        states = layer(x)[0][100:, 0] + run["noise"][100:]
        scores = []
        for delay in delays:
            wanted = x[100 - delay : 3000 - delay, 0, 0]
            readout, *_ = np.linalg.lstsq(states[:1900], wanted[:1900])
            error = states[1900:] @ readout - wanted[1900:]
            scores.append(1 - (error**2).mean() / wanted[1900:].var())
        line(
            axes,
            delays,
            np.clip(scores, 0, 1).round(3),
            style=style,
            linewidth=1.7,
            label=f"radius {radius:g}",
        )
    axes.set(xlabel="steps ago", ylim=(-0.03, 1.05), xlim=(0, 50))
    axes.set_ylabel("share explained")
    axes.legend(loc="upper right", frameon=False, labelcolor="linecolor")
    return Picture(
        figure,
        "How far back a readout of 100 fixed random units can name the input",
        "Three curves over 50 delays. Each is level at 1 for some steps and then falls to 0: with "
        "a spectral radius of 0.5 at about 8 steps, with 0.9 at about 22, with 0.99 at about 30.",
    )
