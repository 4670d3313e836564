"""Plots for the pages on the GRU: its two units over the seven steps, and what they can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import canvas, label_lines, line, quantity
from tools.pictures import picture
from tools.pictures.gates import Lines, two_panels

UNITS = ("keeper", "speaker")


def forced(run: dict[str, Any], row: int, names: Mapping[str, float | None], unit: int) -> Lines:
    """The state of one unit of the example with the bias of one row replaced, or left as it is."""
    style = quantity("h")
    start = run.get("start")
    lines: Lines = {}
    for (name, bias), dash, marker in zip(
        names.items(), ((6, 2), (), (1, 1.5)), ("^", style.marker, "v"), strict=True
    ):
        layer = run["example"].gru_layer()
        weights = layer.state_dict()
        if bias is not None:
            weights["bias_ih_l0"][row : row + 2] = bias
        layer.load_state_dict(weights)
        gates = run["record_gates"](layer, run["example"].sequence(), start)["l0"]
        lines[name] = gates["h"][:, 0, unit], style._replace(dash=dash, marker=marker)
    return lines


@picture("gru/update-watch", "gru/gru-cell/watch")
def update_watch(run: dict[str, Any]) -> Picture:
    """Update gate, candidate and state of both units."""
    panels = {
        f"the {name}": {
            symbol: (run["gates"][symbol][:, 0, unit], quantity(symbol)) for symbol in "znh"
        }
        for unit, name in enumerate(UNITS)
    }
    return Picture(
        two_panels(panels, low=-1.1, high=1.1, room=0.16),
        "Update gate, candidate and state of the keeper and of the speaker",
        "Two panels over seven steps. The keeper's gate z is level near 1 and dives to 0 at steps "
        "2 and 7; its candidate n follows every input; its state h rises to 0.96 at step 2, stays "
        "level, and falls to 0.2 at step 7. The speaker's gate is at 0 throughout; its candidate "
        "and its state are near 0 but for step 6, where both are 0.96.",
    )


@picture("gru/update-force", "gru/gru-cell/force")
def update_force(run: dict[str, Any]) -> Picture:
    """The states with the update gate keeping, free and replacing."""
    names = {"keeps": 50.0, "free": None, "replaces": -50.0}
    panels = {f"h of the {name}": forced(run, 2, names, unit) for unit, name in enumerate(UNITS)}
    return Picture(
        two_panels(panels, low=-1.1, high=1.15, room=0.3),
        "The states with the update gate forced to keep, left free, and forced to replace",
        "Two panels over seven steps, three lines each. Forced to keep, both lines are level at "
        "their starts, 0.5 and -0.5. Forced to replace, the keeper's follows the candidate up and "
        "down, 0.96 at step 2 and -0.96 at step 6, and the speaker's ends near 0. Free, the "
        "keeper's is level at 0.96 from step 2 to step 6, and the speaker answers at step 6.",
    )


@picture("gru/reset-watch", "gru/reset-gate-and-candidate/watch")
def reset_watch(run: dict[str, Any]) -> Picture:
    """What the speaker could hear, how far it listens, and what it says."""
    gates = run["gates"]
    panels = {
        "the keeper": {"h": (gates["h"][:, 0, 0], quantity("h"))},
        "the speaker": {symbol: (gates[symbol][:, 0, 1], quantity(symbol)) for symbol in "rh"},
    }
    return Picture(
        two_panels(panels, low=-0.1, high=1.1, room=0.16),
        "The keeper's state, and the speaker's reset gate and state",
        "Two panels over seven steps. The keeper's state h is level at 0.96 from step 2 to step 6. "
        "The speaker's reset gate r is at 0 but for step 6, where it is 1, and its state h is near "
        "0 but for step 6, where it is 0.96.",
    )


@picture("gru/reset-force", "gru/reset-gate-and-candidate/force")
def reset_force(run: dict[str, Any]) -> Picture:
    """The states with the speaker's reset gate open, free and shut."""
    names = {"open": 50.0, "free": None, "shut": -50.0}
    panels = {f"h of the {name}": forced(run, 0, names, unit) for unit, name in enumerate(UNITS)}
    return Picture(
        two_panels(panels, low=-0.5, high=1.1, room=0.24),
        "The states with the reset gate forced open, left free, and forced shut",
        "Two panels over seven steps, three lines each. Shut, the keeper is level at 0.96 from "
        "step 2 to the end and the speaker stays at 0. Free, the speaker answers at step 6 and the "
        "keeper falls at step 7. Open, the speaker is at 0.96 at steps 3 and 4 already, the keeper "
        "falls at step 4, and at step 6 both are below 0.",
    )


@picture("gru/same-weights", "gru/reset-before-or-after/same_weights")
def same_weights(run: dict[str, Any]) -> Picture:
    """One set of weights in the two cells."""
    style = quantity("h")
    panels: dict[str, Lines] = {}
    for title, after in (("after the product", True), ("before the product", False)):
        layer = run["GRU"](1, 2, reset_after=after, rng=0, dtype="float64")
        layer.load_state_dict(run["weights"])
        h = run["record_gates"](layer, run["x"])["l0"]["h"][:, 0].T
        dashed = style._replace(dash=(2, 2), marker="s")
        panels[title] = {"keeper": (h[0], style), "speaker": (h[1], dashed)}
    return Picture(
        two_panels(panels, low=-0.3, high=1.1, room=0.28),
        "Keeper and speaker with the reset gate after and before the product",
        "Two panels over seven steps, with the same weights. After the product the keeper is level "
        "at 0.96 until step 6, where the speaker answers with 0.96. Before the product the speaker "
        "is at 0.75 at steps 3 and 4, the keeper falls at step 4, and at step 6 both are at -0.16.",
    )


@picture("gru/marks", "gru/gru-or-lstm/marks")
def marks(run: dict[str, Any]) -> Picture:
    """A mark at every step: the LSTM's cell state and the GRU's state."""
    count = np.arange(1, 101)
    figure, axes = canvas(height=2.8)
    for name, symbol, values in (("LSTM: c", "c", run["c"]), ("GRU: h", "h", run["h"])):
        style = quantity(symbol)
        line(axes, count, np.round(values[:, 0, 0], 3), style=style, linewidth=1.8, label=name)
    axes.set(xlabel="marks so far", ylabel="state of the keeper", xlim=(1, 100), ylim=(0, 75))
    label_lines(axes, room=0.2)
    return Picture(
        figure,
        "The state of the two keepers against the number of marks",
        "Two lines over 1 to 100 marks. The LSTM's cell state rises to 70 along a line that bends "
        "a little. The GRU's state is level at 0.96 from the first mark on.",
    )
