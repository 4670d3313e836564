"""The GRU cell, reset after the product as in ``torch.nn.GRU``, with named parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.diagrams.parts import CIRCLE, THICK, box, dot, layer, operation, pointwise, wire
from tools.diagrams.svg import Figure

Draw = Callable[..., None]

_JOINED = frozenset({"h_in", "h_down", "h_join", "x_in", "x_join", "join", "bus_z"})

#: The parts of each path: what a page brings forward when it speaks of it.
PATHS: dict[str, frozenset[str]] = {
    # r_t, and what it multiplies.
    "reset": _JOINED | {"bus_r", "gate_r", "out_r", "h_side", "weights_h", "times_r", "reset_h"},
    # z_t, 1 - z_t, and the blend of the old state and the candidate.
    "update": _JOINED
    | {"stub_z", "gate_z", "out_z", "h_carry", "times_z", "h_kept"}
    | {"one_minus", "out_n", "times_n", "written", "plus", "h_out", "h_up"},
    # From h_{t-1}, the reset gate's value and x_t to n_t.
    "candidate": frozenset({"h_in", "h_down", "h_side", "weights_h", "out_r", "times_r", "reset_h"})
    | {"x_in", "x_up", "weights_x", "sum", "summed", "tanh_n", "out_n"},
}


@dataclass(frozen=True)
class GRULayout:
    """Where things stand: columns (x) and rows (y), and the cell's outline."""

    left: float = 64
    right: float = 516
    top: float = 64
    bottom: float = 500
    begin: float = 8
    end: float = 552
    source: float = 100
    z: float = 172
    weights: float = 250
    r: float = 330
    n: float = 424
    up: float = 490
    state: float = 112
    blend: float = 176
    squash: float = 238
    sum: float = 304
    gate: float = 374
    bus: float = 436
    side: float = 474
    output: float = 22
    input: float = 540


def gru_cell(figure: Figure, *, highlight: str | None = None) -> None:
    """Draw the GRU cell; ``highlight`` is a key of ``PATHS``, all other parts turn grey."""
    at = GRULayout()
    emphasised = PATHS[highlight] if highlight else None

    def draw(name: str, paint: Callable[..., None], *args: object, **options: object) -> None:
        with figure.part(name, emphasised is None or name in emphasised):
            paint(figure, *args, **options)

    box(figure, at.left, at.top, at.right - at.left, at.bottom - at.top)
    _state_line(draw, at)
    _inputs(draw, at)
    _gates(draw, at)
    _candidate(draw, at)


def _state_line(draw: Draw, at: GRULayout) -> None:
    y = at.state
    draw("h_in", wire, [(at.begin, y), (at.source, y)], "h", width=THICK, arrow=False)
    draw("h_carry", wire, [(at.source, y), (at.z - CIRCLE, y)], "h", width=THICK)
    draw("h_kept", wire, [(at.z + CIRCLE, y), (at.n - CIRCLE, y)], "h", width=THICK)
    draw("h_out", wire, [(at.n + CIRCLE, y), (at.end, y)], "h", width=THICK)
    draw("h_up", wire, [(at.up, y), (at.up, at.output + 18)], "h", width=THICK)
    draw("h_up", dot, at.up, y, "h", 6.5)
    draw("times_z", operation, at.z, y, "times")
    draw("plus", operation, at.n, y, "plus")
    west, east = (at.begin + at.left) / 2 - 2, (at.right + at.end) / 2 - 1
    draw("h_in", Figure.math, west, y - 23, "h_{t-1}", fill="h")
    draw("h_out", Figure.math, east, y - 23, "h_t", fill="h")
    draw("h_up", Figure.math, at.up, at.output, "h_t", fill="h")


def _inputs(draw: Draw, at: GRULayout) -> None:
    down = [(at.source, at.state), (at.source, at.sum)]
    draw("h_down", wire, down, "h", width=THICK, arrow=False)
    draw("h_down", dot, at.source, at.state, "h", 6.5)
    draw("h_join", wire, [(at.source, at.sum), (at.source, at.bus - CIRCLE)], "h", width=THICK)
    draw("h_side", dot, at.source, at.sum, "h", 6.5)
    draw("x_in", wire, [(at.n, at.input - 16), (at.n, at.side)], "x", width=THICK, arrow=False)
    draw("x_in", Figure.math, at.n, at.input, "x_t", fill="x")
    draw("x_up", wire, [(at.n, at.side), (at.n, at.gate + 19)], "x", width=THICK)
    around = [(at.n, at.side), (at.source, at.side), (at.source, at.bus + CIRCLE)]
    draw("x_join", wire, around, "x", width=THICK)
    draw("x_join", dot, at.n, at.side, "x", 6.5)
    draw("join", operation, at.source, at.bus, "join")


def _gates(draw: Draw, at: GRULayout) -> None:
    head, foot = at.gate - 19, at.gate + 19
    draw("bus_z", wire, [(at.source + CIRCLE, at.bus), (at.z, at.bus)], "soft", arrow=False)
    draw("stub_z", wire, [(at.z, at.bus), (at.z, foot)], "soft")
    draw("stub_z", dot, at.z, at.bus, "soft")
    draw("bus_r", wire, [(at.z, at.bus), (at.r, at.bus), (at.r, foot)], "soft")
    draw("gate_z", layer, at.z, at.gate, "σ", "z")
    draw("gate_r", layer, at.r, at.gate, "σ", "r")
    draw("out_z", wire, [(at.z, head), (at.z, at.state + CIRCLE)], "z")
    draw("out_r", wire, [(at.r, head), (at.r, at.sum + CIRCLE)], "r")
    for part, x in (("out_z", at.z), ("out_r", at.r)):
        name = part[-1]
        draw(part, Figure.math, x + 8, head - 20, f"{name}_t", fill=name, anchor="start")
    # What z does not keep is filled with the candidate.
    draw("one_minus", wire, [(at.z, at.blend), (at.weights - 29, at.blend)], "z")
    draw("one_minus", dot, at.z, at.blend, "z")
    draw("one_minus", pointwise, at.weights, at.blend, "1 -")
    draw("one_minus", wire, [(at.weights + 29, at.blend), (at.n - CIRCLE, at.blend)], "z")


def _candidate(draw: Draw, at: GRULayout) -> None:
    y, half = at.sum, 32
    # A gap where the recurrent product's line passes the update gate's wire.
    draw("h_side", wire, [(at.source, y), (at.z - 9, y)], "h", arrow=False)
    draw("h_side", wire, [(at.z + 9, y), (at.weights - half, y)], "h")
    size = {"width": 2 * half, "size": 22}
    draw("weights_h", layer, at.weights, y, "W_{nh}", "n", **size)
    draw("weights_h", wire, [(at.weights + half, y), (at.r - CIRCLE, y)], "n")
    draw("reset_h", wire, [(at.r + CIRCLE, y), (at.n - CIRCLE, y)], "n")
    draw("times_r", operation, at.r, y, "times")
    draw("weights_x", layer, at.n, at.gate, "W_{nx}", "n", **size)
    draw("weights_x", wire, [(at.n, at.gate - 19), (at.n, y + CIRCLE)], "n")
    draw("sum", operation, at.n, y, "plus")
    draw("summed", wire, [(at.n, y - CIRCLE), (at.n, at.squash + 16)], "n")
    draw("tanh_n", pointwise, at.n, at.squash, "tanh")
    draw("out_n", wire, [(at.n, at.squash - 16), (at.n, at.blend + CIRCLE)], "n")
    draw("out_n", Figure.math, at.n + 10, at.blend + 30, "n_t", fill="n", anchor="start")
    draw("times_n", operation, at.n, at.blend, "times")
    draw("written", wire, [(at.n, at.blend - CIRCLE), (at.n, at.state + CIRCLE)], "n")
