"""The exercise of the page on backpropagation through time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.numpy import RNN
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

REACH = Prediction(
    question="The loss looks at the last of eight states only. Which inputs get a gradient?",
    choices=(
        Choice(
            "All of them, and those near the end the largest.",
            "There is a way from every input to the last state, and the short ways have few "
            "factors.",
        ),
        Choice(
            "Only the last one, because the loss looks at no other step.",
            "The loss looks at the last state, which was made from the state before, and that from "
            "the one before it. Every input is in there.",
        ),
        Choice(
            "All of them, and all about the same, because they share their weights.",
            "They share the weights, and not the number of factors: the gradient of an early input "
            "has passed through the matrix and the slopes many times.",
        ),
        Choice(
            "All of them, and the first the largest, because it acted on every state.",
            "It did act on every state, but the loss hears of them only through the last one, and "
            "the way there is the longest.",
        ),
    ),
    order=(1, 2, 0, 3),
)

START = """\
import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

rng = np.random.default_rng(0)
x, h_0 = rng.standard_normal((6, 4, 2)), rng.standard_normal((1, 4, 3))
layer = RNN(2, 3, rng=0, dtype="float64")
W_hx, W_hh, *_ = layer.state_dict().values()
output, _ = layer(x, h_0)

# The gradient of half the sum of squares of the output is the output.
d_x, d_h = np.zeros(x.shape), np.zeros((4, 3))
for t in reversed(range(6)):
    d_a = 0.0 * output[t]  # yours: what arrives at h_t, sent through the tanh
    d_x[t] = 0.0  # yours: d_a, sent through W_hx
    d_h = 0.0 * d_h  # yours: d_a, sent through W_hh to the state before

show("d_h_0, one row a sequence", d_h)
"""

Array = NDArray[np.floating]

MISTAKES = (
    (
        {"later": False},
        "Each state hears from its own output, but not from the step after it: what arrives at h_t "
        "is `d_h + output[t]`.",
    ),
    ({"own": False}, "The outputs say nothing yet: add `output[t]` to what arrives at h_t."),
    (
        {"slope": False},
        "The gradient passes the tanh as if it were not there: multiply by its slope.",
    ),
    (
        {"turned": True},
        "`d_a @ W_hh.T` is the forward product. Going back, each unit collects along its column.",
    ),
    (
        {"forward": True},
        "Your loop runs from the first step to the last, but each gradient needs the one after it.",
    ),
)


def _pass(
    layer: RNN,
    x: Array,
    output: Array,
    *,
    later: bool = True,
    own: bool = True,
    slope: bool = True,
    turned: bool = False,
    forward: bool = False,
) -> tuple[Array, Array]:
    """The backward pass, right or with one mistake in it."""
    W_hx, W_hh, *_ = layer.state_dict().values()
    d_x, d_h = np.zeros(x.shape), np.zeros(output.shape[1:])
    steps: Iterable[int] = range(len(x))
    for t in steps if forward else reversed(range(len(x))):
        arrives = (d_h if later else 0.0) + (output[t] if own else 0.0)
        # Without its own output nothing would arrive at all, but for the last step's.
        arrives = output[t] if not own and t == len(x) - 1 else arrives
        d_a = arrives * (1 - output[t] ** 2 if slope else 1.0)
        d_x[t], d_h = d_a @ W_hx, d_a @ (W_hh.T if turned else W_hh)
    return d_x, d_h


def check_pass(names: Mapping[str, Any]) -> Verdict:
    """Compare with the right pass, and with those that have one mistake."""
    layer, x, h_0, output = (need(names, name) for name in ("layer", "x", "h_0", "output"))
    found = need(names, "d_x"), need(names, "d_h")
    if not isinstance(layer, RNN):
        return Verdict(False, "`layer` must stay the plain layer that the program began with.")
    expected, _ = layer(x, h_0)
    if np.shape(output) != expected.shape or abs(output - expected).max() > 1e-12:
        return Verdict(False, "`output` must stay what the layer returned for `x` and `h_0`.")
    if np.shape(found[0]) != x.shape or np.shape(found[1]) != output.shape[1:]:
        return Verdict(
            False, f"`d_x` must have the shape {x.shape}, and `d_h` {output.shape[1:]}, as h has."
        )

    def same(options: dict[str, bool], which: tuple[int, ...] = (0, 1)) -> bool:
        right = _pass(layer, x, output, **options)
        return all(abs(found[k] - right[k]).max() < 1e-9 for k in which)

    if same({}):
        return Verdict(True, "Both gradients are right, for every sequence of the batch.")
    if words := typical(MISTAKES, same):
        return Verdict(False, words)
    if same({}, (1,)):
        return Verdict(False, "`d_h` is right. What does the input get at each step?")
    if same({}, (0,)):
        return Verdict(
            False, "`d_x` is right. After the loop, `d_h` must belong to the first state."
        )
    return Verdict(
        False,
        "Not yet. Three lines per step: what arrives, times the slope of the tanh; then d_a "
        "through each of the two matrices.",
    )


EXERCISES: dict[str, Coding | Prediction] = {
    "rnn/backpropagation-through-time/exercise_1": REACH,
    "rnn/backpropagation-through-time/exercise_3": Coding(START, check_pass),
}
