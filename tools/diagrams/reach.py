"""How far the first step is from the last: in a recurrent layer, and with attention."""

from __future__ import annotations

from tools.diagrams.parts import node, rule, wire
from tools.diagrams.svg import Figure

_WIDTH, _STEPS, _PITCH, _RADIUS = 560, 6, 92, 20


def reach() -> Figure:
    """One step after the other, or all steps at once."""
    figure = Figure(
        "practice/reach",
        _WIDTH,
        548,
        "The way from the first step to the last",
        "Two panels of six steps. In a recurrent layer each hidden state is handed to the next, so "
        "that the first input takes five steps to the last state. With attention the last output "
        "has a wire to every input, and each is one step away.",
    )
    _title(figure, 30, "recurrent layer: one step after the other")
    _title(figure, 270, "attention: the last step looks at all of them")
    for step in range(_STEPS):
        x = 50 + _PITCH * step
        wire(figure, [(x, 190 - _RADIUS), (x, 100 + _RADIUS)], "x")
        if step < _STEPS - 1:
            wire(figure, [(x + _RADIUS, 100), (x + _PITCH - _RADIUS, 100)], "h")
        node(figure, x, 100, f"h_{step + 1}", "h", radius=_RADIUS)
        node(figure, x, 190, f"x_{step + 1}", "x", radius=_RADIUS)
    last = 50 + _PITCH * (_STEPS - 1)
    for step in range(_STEPS):
        x, up = 50 + _PITCH * step, 318 + 15 * step
        if step < _STEPS - 1:
            wire(figure, [(x, 450 - _RADIUS), (x, up), (last - _RADIUS - 4, up)], "soft")
        node(figure, x, 450, f"x_{step + 1}", "x", radius=_RADIUS)
    wire(figure, [(last, 450 - _RADIUS), (last, 395)], "soft")
    figure.rect(last - 20, 306, 40, 86, fill="soft-tint", stroke="soft", radius=5)
    figure.math(last, 349, "y_6")
    rule(figure, 492)
    node(figure, 40, 520, "", "x", radius=13)
    node(figure, 190, 520, "", "h", radius=13)
    figure.rect(378, 508, 24, 24, fill="soft-tint", stroke="soft", radius=5)
    for x, text in ((40, "input"), (190, "hidden state"), (390, "output")):
        figure.words(x + 24, 520, text, anchor="start")
    return figure


def _title(figure: Figure, y: float, text: str) -> None:
    figure.words(_WIDTH / 2, y, text, bold=True)
