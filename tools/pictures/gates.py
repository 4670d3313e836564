"""Plots for the pages on gated cells: traces over the seven steps of the running example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.example import MARK, QUESTION
from rnn_book.experiments.claims import Picture
from rnn_book.experiments.palette import LIGHT
from rnn_book.experiments.plots import CONTENDERS, Style, canvas, label_lines, line, quantity
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
        line(
            axes,
            steps,
            np.round(np.asarray(values), 4),
            style=style,
            marker=style.marker,
            markersize=4.5,
            linewidth=1.8,
            label=name,
        )
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


Lines = dict[str, tuple[Any, Style]]

UNITS = ("keeper", "fader")


def two_panels(panels: Mapping[str, Lines], *, low: float, high: float, room: float) -> Any:
    """Two plots over the seven steps side by side, on one scale."""
    figure, both = canvas(2, height=2.9, sharey=True)
    for axes, (title, lines) in zip(both, panels.items(), strict=True):
        axes.set(ylim=(low, high))
        axes.set_title(title, pad=18)
        lines_over_steps(axes, lines, room=room)
    return figure


def recorded(run: dict[str, Any], symbols: str) -> dict[str, Lines]:
    """Gates and states of the run as it is, a panel per unit."""
    return {
        f"the {name}": {
            symbol: (run["gates"][symbol][:, 0, unit], quantity(symbol)) for symbol in symbols
        }
        for unit, name in enumerate(UNITS)
    }


def forced(run: dict[str, Any], row: int, symbol: str, unit: int) -> Lines:
    """A state of one unit with a gate forced shut, free, and forced open."""
    style = quantity(symbol)
    lines: Lines = {}
    for name, bias, dash in (("open", 50.0, (6, 2)), ("free", None, ()), ("shut", -50.0, (1, 1.5))):
        layer = run["example"].layer()
        weights = layer.state_dict()
        if bias is not None:
            weights["bias_ih_l0"][row : row + 2] = bias
        layer.load_state_dict(weights)
        gates = run["record_gates"](layer, run["example"].sequence())["l0"]
        marker = {"open": "^", "free": style.marker, "shut": "v"}[name]
        lines[name] = gates[symbol][:, 0, unit], style._replace(dash=dash, marker=marker)
    return lines


@picture("lstm/forget-watch", "lstm/forget-gate/watch")
def forget_watch(run: dict[str, Any]) -> Picture:
    """Forget gate and cell state of both units."""
    return Picture(
        two_panels(recorded(run, "fc"), low=-0.5, high=1.1, room=0.16),
        "Forget gate and cell state of the keeper and of the fader",
        "Two panels over seven steps. The keeper's gate f is level near 1 and drops to 0 at step "
        "7; its cell state c rises at step 2, stays level and drops with the gate. The fader's "
        "gate is level at one half; its cell state rises at step 2 and falls away at once.",
    )


@picture("lstm/forget-force", "lstm/forget-gate/force")
def forget_force(run: dict[str, Any]) -> Picture:
    """The cell state with the forget gate shut, free and open."""
    panels = {f"c of the {name}": forced(run, 2, "c", unit) for unit, name in enumerate(UNITS)}
    return Picture(
        two_panels(panels, low=-0.5, high=1.1, room=0.24),
        "The cell state with the forget gate forced open, left free, and forced shut",
        "Two panels over seven steps, three lines each. Keeper: all rise at step 2; shut, the line "
        "is back at 0 at step 3; free, it falls at step 7; open, it stays to the end. Fader: shut, "
        "it follows the input of each step; open, it is the running sum of its inputs.",
    )


@picture("lstm/forget-stream", "lstm/forget-gate/stream")
def forget_stream(run: dict[str, Any]) -> Picture:
    """A mark at every step: the cell state with the gate as it is, and held open."""
    open_layer, layer = run["layer"], run["example"].layer()
    figure, axes = canvas(height=3.0)
    style = quantity("c")
    steps = np.unique(np.round(np.geomspace(1, 1000, 60)).astype(int))
    for label, which, unit, dash in (
        ("keeper, never forgets", open_layer, 0, (6, 2)),
        ("fader, never forgets", open_layer, 1, (6, 2, 1, 2)),
        ("keeper", layer, 0, ()),
        ("fader", layer, 1, (1, 1.5)),
    ):
        c = run["record_gates"](which, run["stream"])["l0"]["c"][:, 0, unit]
        line(
            axes,
            steps,
            np.round(c[steps - 1], 3),
            style=style._replace(dash=dash),
            linewidth=1.7,
            label=label,
        )
    axes.set(xscale="log", yscale="log", xlabel="steps, a mark at each", xlim=(1, 1000))
    axes.set_ylabel("cell state c")
    label_lines(axes, room=0.5)
    return Picture(
        figure,
        "The cell state on a stream of marks, with and without forgetting",
        "Four lines over a thousand steps, both scales logarithmic. Without forgetting the keeper "
        "and the fader rise along straight lines to 958 and 381. With their gates, the keeper "
        "bends and settles near 143, the fader at 0.76.",
    )


@picture("lstm/input-watch", "lstm/input-gate/watch")
def input_watch(run: dict[str, Any]) -> Picture:
    """Input gate, input node and cell state of both units."""
    return Picture(
        two_panels(recorded(run, "igc"), low=-1.1, high=1.1, room=0.16),
        "Input gate, input node and cell state of the keeper and of the fader",
        "Two panels over seven steps. The keeper's node g goes up and down with every input; its "
        "gate i is open at step 2 alone; the cell state c rises there and then stays level. The "
        "fader's gate is level at one half and its cell state follows the node.",
    )


@picture("lstm/input-force", "lstm/input-gate/force")
def input_force(run: dict[str, Any]) -> Picture:
    """The cell state with the input gate shut, free and open."""
    panels = {f"c of the {name}": forced(run, 0, "c", unit) for unit, name in enumerate(UNITS)}
    return Picture(
        two_panels(panels, low=-0.9, high=1.5, room=0.24),
        "The cell state with the input gate forced open, left free, and forced shut",
        "Two panels over seven steps, three lines each. Shut, both units stay at 0. Open, the "
        "keeper climbs to 1.3 at the mark, wavers, and is back at 0 at step 6, where the question "
        "cancels the mark; free, it keeps 0.95 until step 6.",
    )


@picture("lstm/output-watch", "lstm/output-gate/watch")
def output_watch(run: dict[str, Any]) -> Picture:
    """Cell state, output gate and hidden state of both units."""
    return Picture(
        two_panels(recorded(run, "coh"), low=-0.5, high=1.1, room=0.16),
        "Cell state, output gate and hidden state of the keeper and of the fader",
        "Two panels over seven steps. The keeper's cell state c is high from step 2 to 6; its gate "
        "o is shut but for step 6, and so the hidden state h is near 0 but for step 6, where it is "
        "0.73. The fader's gate is level at one half and its hidden state is about half of its "
        "cell state.",
    )


@picture("lstm/output-force", "lstm/output-gate/force")
def output_force(run: dict[str, Any]) -> Picture:
    """The keeper's cell state and hidden state with the output gate shut, free and open."""
    panels = {"the keeper's c": forced(run, 6, "c", 0), "the keeper's h": forced(run, 6, "h", 0)}
    return Picture(
        two_panels(panels, low=-0.1, high=1.1, room=0.24),
        "The keeper with its output gate forced open, left free, and forced shut",
        "Two panels over seven steps, three lines each. Shut, h is 0 throughout and c stays high "
        "to the end. Free, h answers at step 6 and c falls at step 7. Open, h rises with the mark "
        "at step 2, and both are at 0 from step 3 on.",
    )


@picture("lstm/cut", "lstm/hidden-units/cut")
def cut(run: dict[str, Any]) -> Picture:
    """The keeper with its hidden state fed back, and with that path cut."""
    whole = run["example"].layer()
    panels = {}
    for title, layer in (("h fed back", whole), ("h not fed back", run["layer"])):
        gates = run["record_gates"](layer, run["example"].sequence())["l0"]
        panels[title] = {symbol: (gates[symbol][:, 0, 0], quantity(symbol)) for symbol in "fch"}
    return Picture(
        two_panels(panels, low=-0.1, high=1.1, room=0.16),
        "The keeper with and without its hidden state fed back",
        "Two panels over seven steps. Both answer with h at step 6. On the left the forget gate f "
        "and the cell state c drop to 0 at step 7; on the right, with the path cut, both stay near "
        "1.",
    )


@picture("lstm/squash", "lstm/hidden-units/squash")
def squash(run: dict[str, Any]) -> Picture:
    """Cell state and answer against the number of marks."""
    marks = np.arange(1, 11)
    found = []
    for count in marks:
        x = run["example"].sequence([1.0] * int(count) + [-1.0])
        gates = run["record_gates"](run["example"].layer(), x)["l0"]
        found.append([gates[symbol][-1, 0, 0] for symbol in "ch"])
    figure, axes = canvas(height=2.8)
    for symbol, values in zip("ch", np.round(np.transpose(found), 4), strict=True):
        style = quantity(symbol)
        line(axes, marks, values, style=style, marker=style.marker, markersize=4.5, label=symbol)
    axes.set(xlabel="marks before the question", xticks=marks)
    label_lines(axes, room=0.1)
    return Picture(
        figure,
        "Cell state and hidden state after several marks",
        "Two lines over one to ten marks. The cell state c rises along a nearly straight line to "
        "9.2. The hidden state h rises from 0.74 to 0.95 at two marks and is level at 0.99 after "
        "that.",
    )
