"""The exercises of the forget gate's page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from rnn_book.numpy import example
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

TWICE = Prediction(
    question="The sequence runs twice. What does the keeper answer to the second question?",
    choices=(
        Choice(
            "As it is, the same as before. Forced open, more, but not twice as much.",
            "The cell state doubles, and the tanh on the way out cannot show it.",
        ),
        Choice(
            "As it is, the same as before. Forced open, twice as much.",
            "The cell state does double. But h is o times tanh(c), and a tanh cannot go beyond 1.",
        ),
        Choice(
            "More than before, in both cases.",
            "As it is, the keeper clears itself: its own answer shuts its forget gate, so that "
            "the second mark begins with an empty state.",
        ),
        Choice(
            "The same as before, in both cases.",
            "With its forget gate forced open nothing is cleared, so the second mark is added to "
            "the first.",
        ),
    ),
    order=(1, 3, 0, 2),
)

START = """\
from math import log

from rnn_book import show
from rnn_book.numpy import example

bias = 2.0  # yours: exactly half must be left after 1000 steps

layer = example.layer()
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][2:4] = bias
layer.load_state_dict(weights)
_, (h, c) = layer(example.sequence())
start = 0.0 * h, 0.0 * c + 1.0
_, (h, c) = layer(example.sequence([0.0] * 1000), start)
show("c after 1000 steps", c[0, 0])
"""

_F = 0.5 ** (1 / 1000)
_MISTAKES = (
    (
        _F,
        "That is the gate itself. The bias lies before the sigmoid, so you need the number whose "
        "sigmoid it is.",
    ),
    (
        math.log(_F),
        "That is the logarithm of the gate. It inverts an exponential; the inverse of the sigmoid "
        "is ln(f / (1 - f)).",
    ),
    (
        math.log((1 - _F) / _F),
        "Right in size, with the wrong sign: this is the bias of a gate that keeps 1 - f.",
    ),
    (0.0, "A bias of 0 puts the gate at one half, so half is gone after one step."),
    (
        math.log(999),
        "A gate of 1 - 1/1000 leaves 1/e after 1000 steps, about 37 %. That is the time constant "
        "of the unit; its half-life is shorter.",
    ),
    (
        math.log(1999),
        "You take 1/2000 away at each step. But it is taken from what is left, which shrinks, so "
        "after 1000 steps 61 % is left. The shares multiply: f to the power of 1000 must be 1/2.",
    ),
)


def check_bias(names: Mapping[str, Any]) -> Verdict:
    """Let a unit with this forget bias hold a 1 for a thousand steps."""
    bias = need(names, "bias")
    try:
        bias = float(bias)
    except (TypeError, ValueError):
        return Verdict(False, f"`bias` must be one number, and it is a {type(bias).__name__}.")
    layer = example.layer()
    weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
    weights["bias_ih_l0"][2:4] = bias
    layer.load_state_dict(weights)
    start = np.zeros((1, 1, 2)), np.ones((1, 1, 2))
    _, (_, c) = layer(example.sequence([0.0] * 1000), start)
    left = float(c[0, 0, 0])
    if abs(left - 0.5) < 1e-4:
        return Verdict(True, "Half is left after 1000 steps, and a quarter after 2000.")
    near = partial(math.isclose, bias, rel_tol=1e-4, abs_tol=1e-6)
    side = "less, so the gate must be closer to 1" if left < 0.5 else "more, so it must be lower"
    words = typical(_MISTAKES, near) or f"{left:.1%} is left after 1000 steps. That is {side}."
    return Verdict(False, words)


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/forget-gate/exercise_1": TWICE,
    "lstm/forget-gate/exercise_3": Coding(START, check_bias),
}
