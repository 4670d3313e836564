"""An order in which to try the improvements."""

from __future__ import annotations

from tools.diagrams.parts import wire
from tools.diagrams.svg import Figure

_WIDTH = 560

_ROWS = (
    (("One batch cannot", "be overfitted?"), ("look for a bug", "before all else")),
    (("The gradient's", "norm jumps?"), ("clip it; a lower", "learning rate")),
    (("Training loss", "stays high?"), ("wider; then a", "second layer")),
    (("Training is slow", "or unstable?"), ("layer", "normalisation")),
    (("Validation loss", "turns upwards?"), ("dropout: output,", "then recurrent")),
    (("The future is known", "at prediction time?"), ("both", "directions")),
)


def combine() -> Figure:
    """Questions down the left, what to try on the right."""
    figure = Figure(
        "improvements/combine",
        _WIDTH,
        800,
        "An order in which to try improvements",
        "A flow chart from top to bottom. Start with a baseline and one small layer. Then six "
        "questions, each with what to try if the answer is yes: cannot overfit one batch, look "
        "for a bug; the gradient's norm jumps, clip it; training loss stays high, go wider and "
        "then deeper; training is slow or unstable, layer normalisation; validation loss turns "
        "upwards, dropout; the future is known, both directions.",
    )
    _label(figure, 24, 16, 512, ("A baseline first, then one small layer",), "soft", height=48)
    top, pitch = 106, 106
    for row, (question, answer) in enumerate(_ROWS):
        y = top + pitch * row
        wire(figure, [(140, y - 42 if row == 0 else y - 32), (140, y)], "soft")
        _label(figure, 24, y, 232, question, "", height=74)
        wire(figure, [(256, y + 37), (334, y + 37)], "accent")
        figure.words(290, y + 18, "yes", fill="accent")
        _label(figure, 334, y, 202, answer, "accent", height=74)
        if row < len(_ROWS) - 1:
            figure.words(154, y + 90, "no", anchor="start", fill="soft")
    wire(figure, [(140, 710), (140, 738)], "soft")
    text = ("One change at a time, with several seeds",)
    _label(figure, 24, 738, 512, text, "soft", height=48)
    return figure


def _label(
    figure: Figure,
    x: float,
    y: float,
    width: float,
    lines: tuple[str, ...],
    colour: str,
    *,
    height: float,
) -> None:
    fill, stroke = (f"{colour}-tint", colour) if colour else ("panel", "edge")
    figure.rect(x, y, width, height, fill=fill, stroke=stroke, radius=14)
    middle = y + height / 2 - 12 * (len(lines) - 1)
    for number, line in enumerate(lines):
        figure.words(x + width / 2, middle + 24 * number, line, size=19)
