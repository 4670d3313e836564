"""Plots for the pages on recurrence."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book import numpy as half
from rnn_book.experiments.claims import Picture
from rnn_book.experiments.palette import LIGHT
from rnn_book.experiments.plots import CONTENDERS, canvas, label_lines, line, quantity
from tools.pictures import picture


def steps_of(axes: Any, x: np.ndarray, h: np.ndarray) -> None:
    """Inputs as bars and the hidden state as a line with dots, over steps counted from 1."""
    steps, state = np.arange(1, len(x) + 1), quantity("h")
    axes.bar(
        steps, np.round(x, 4), width=0.28, color=CONTENDERS[-1].light, alpha=0.5, label="input x"
    )
    axes.plot(
        steps,
        np.round(h, 4),
        color=state.light,
        marker="o",
        markersize=5,
        linewidth=1.8,
        label="hidden state h",
    )
    axes.axhline(0, color="#4a4f5c", linewidth=0.6)
    axes.set(xlabel="step", ylim=(-1.15, 1.15), xticks=steps, yticks=(-1, -0.5, 0, 0.5, 1))
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 1.22),
        ncols=2,
        frameon=False,
        labelcolor=LIGHT["ink"],
    )


@picture("rnn/window", "rnn/why-memory/window")
def window(run: dict[str, Any]) -> Picture:
    """Share of right answers against the width of the window."""
    door, ages = run["door"], run["ages"]
    widths = np.unique(np.round(np.geomspace(1, 200, 40)).astype(int))
    right = []
    for width in widths:
        known = ages < width
        guess = door[~known].mean() > 0.5 if (~known).any() else True
        right.append((known | (door == guess)).mean())
    figure, axes = canvas(height=3.0)
    blue, orange = CONTENDERS[0], CONTENDERS[1]
    axes.axhline(1, color=orange.light, linewidth=1.8, dashes=orange.dash)
    axes.plot(widths, np.round(right, 4), color=blue.light, linewidth=1.8)
    axes.set(xscale="log", xlabel="width of the window, in seconds", ylim=(0.5, 1.06))
    axes.set_xticks((1, 10, 100, 200), ("1", "10", "100", "200"))
    axes.set_ylabel("share of right answers")
    axes.annotate("one unit with memory", (1.1, 1.015), color=orange.light)
    axes.annotate("the best program with a window", (14, 0.6), color=blue.light)
    return Picture(
        figure,
        "How often a window answers right",
        "A curve over the width of the window, on a logarithmic scale: it climbs from 0.56 at one "
        "second to 0.99 at 200 and stays below 1, where a level line stands for one unit with "
        "memory.",
    )


@picture("rnn/loop", "rnn/why-memory/loop")
def loop(run: dict[str, Any]) -> Picture:
    """The seven numbers, and a unit that halves what it knows."""
    figure, axes = canvas(height=2.6)
    steps_of(axes, run["x"], np.array(run["states"]))
    return Picture(
        figure,
        "Seven inputs and the hidden state",
        "Bars for the input and a line for the hidden state over seven steps. At steps 4 and 7 the "
        "input is 0.1; the state is 0.20 at step 4 and -0.27 at step 7.",
    )


@picture("rnn/latch", "rnn/why-memory/latch")
def latch(run: dict[str, Any]) -> Picture:
    """Twelve seconds of the door, and the unit that remembers it."""
    figure, axes = canvas(height=2.6)
    output, _ = run["layer"](run["example"].sequence(run["day"]))
    steps_of(axes, np.array(run["day"], float), output[:, 0, 0])
    axes.set_xlabel("second")
    return Picture(
        figure,
        "A unit that remembers whether a door is open",
        "Bars for the reports of a door and a line for the unit. The unit jumps to nearly 1 when "
        "the door is opened, stays there while nothing happens, falls to nearly -1 when it is "
        "closed, and stays there too.",
    )


@picture("rnn/first-training", "rnn/first-training/train")
def first_training(run: dict[str, Any]) -> Picture:
    """Loss on training and validation text, five seeds."""
    curves = [_losses(run, seed) for seed in range(5)]
    figure, axes = canvas(height=3.2)
    for part, style, label in (
        (0, CONTENDERS[0], "training text"),
        (1, CONTENDERS[1], "validation text"),
    ):
        for seed, curve in enumerate(curves):
            line(
                axes,
                *np.round(np.array(curve)[:, [2, part]].T, 3),
                style=style,
                linewidth=1.3,
                label=label if seed == 0 else "_",
            )
    axes.set(xlabel="updates", ylim=(0, 3.5), xlim=(0, 300))
    axes.set_ylabel("loss per character")
    label_lines(axes, room=0.34)
    return Picture(
        figure,
        "The loss while a network learns a nursery rhyme, five seeds",
        "Ten lines over 300 updates, one per seed and part of the text. All fall from 3.3. The "
        "training loss goes to nearly 0; the validation loss falls to about 0.8 within 50 to 100 "
        "updates and rises again a little.",
    )


def _losses(run: dict[str, Any], seed: int) -> list[tuple[float, float, int]]:
    """Training loss, validation loss and updates along the snippet's training, for a seed."""
    size, rng = run["size"], np.random.default_rng(seed)
    layer = half.RNN(size, 64, rng=rng, dtype="float64")
    head = half.Linear(64, size, rng=rng, dtype="float64")
    adam = half.Adam([layer, head], lr=0.01)
    found: list[tuple[float, float, int]] = []

    def loss(numbers: np.ndarray) -> float:
        output, _ = layer(np.eye(size)[numbers[:-1, None]])
        return float(half.cross_entropy(head(output), numbers[1:, None]))

    for epoch in range(76):
        if epoch in (0, 1, 3, 5, 8, 75) or epoch % 12 == 10:
            found.append((loss(run["training"]), loss(run["validation"]), 4 * epoch))
        state: Any = None
        for numbers, targets in run["consecutive"](run["streams"](run["training"], 8), 40):
            output, state = layer(np.eye(size)[numbers], state)
            layer.zero_grad()
            head.zero_grad()
            layer.backward(head.backward(half.cross_entropy_gradient(head(output), targets)))
            half.clip_grad_norm([layer, head], 1.0)
            adam.step()
    return found


@picture("lstm/rhyme", "lstm/hidden-units/rhyme")
def rhyme(run: dict[str, Any]) -> Picture:
    """The cell state of one unit along the rhyme of nine verses."""
    figure, axes = canvas(height=2.8)
    state = quantity("c")
    axes.plot(np.arange(1, len(run["c"]) + 1), run["c"].round(4), color=state.light, linewidth=1.8)
    places = np.array(run["read"])
    axes.plot(places, run["c"][places - 1].round(4), "o", color=state.light, markersize=5)
    names = ["house", "malt", "rat", "cat", "dog", "cow", "maiden", "man", "priest"]
    for place, name in zip(places, names, strict=True):
        if name in ("house", "cat", "maiden", "man", "priest"):
            axes.annotate(
                name,
                (place, run["c"][place - 1]),
                (7, -11),
                textcoords="offset points",
                color=LIGHT["ink"],
            )
    axes.set(xlabel="characters read", ylim=(0, 1), xlim=(0, 1280))
    axes.set_ylabel("cell state")
    return Picture(
        figure,
        "One cell state along the rhyme",
        "A staircase over 1,242 characters: the cell state rises by a tenth at the beginning of "
        "each of the nine verses and is level in between. Dots mark where the rhyme names "
        "what the verse is about.",
    )
