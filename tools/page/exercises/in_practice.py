"""The exercises of the page on the LSTM in practice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import example
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

PADDED = Prediction(
    question="Three steps, then a hundred zeros of padding. What is the keeper's final cell state?",
    choices=(
        Choice(
            "With lengths, that of step 3. Without, about half of it.",
            "A hundred zeros leave the forget gate at 0.993, and its hundredth power is one half.",
        ),
        Choice(
            "That of step 3, in both cases: zeros change nothing.",
            "A zero is an input like any other. The gates are computed from it and from their "
            "biases, and each step keeps 99.3 % of the state.",
        ),
        Choice(
            "With lengths, that of step 3. Without, 0.",
            "That is the fader's fate. The keeper's forget gate is at 0.993 in the padding.",
        ),
        Choice(
            "0 in both cases, because the last step is padding.",
            "With lengths, output[-1] is 0, but the final state is the one at each sequence's end.",
        ),
    ),
    order=(1, 2, 0, 3),
)

START = """\
import numpy as np

from rnn_book import show
from rnn_book.numpy import example

layer, x = example.layer(), example.sequence()[:6]
d_answer = np.zeros((6, 1, 2))
d_answer[5, 0, 0] = 1.0  # the loss is the keeper's answer at step 6

answers, gradients = {}, {}  # size of the window -> a number
for size in (1, 2, 3, 6):
    layer.zero_grad()
    output, state = layer(x)  # yours: in windows, the state handed on
    answers[size] = output[-1, 0, 0]
    gradients[size] = layer.grads["weight_ih_l0"][4, 0]
    show(f"windows of {size}", (answers[size], gradients[size]))
"""

SIZES = (1, 2, 3, 6)


def _run(size: int, *, kept: bool = True, all_of_it: bool = True) -> tuple[float, float]:
    """Answer and gradient with windows of this size."""
    layer, x = example.layer(), example.sequence()[:6]
    d_answer = np.zeros((6, 1, 2))
    d_answer[5, 0, 0] = 1.0
    state = None
    for start in range(0, 6, size):
        window = slice(start, start + size)
        output, state = layer(x[window], state if kept else None)
        layer.backward(d_answer[window] if all_of_it else np.ones_like(output))
    return float(output[-1, 0, 0]), float(layer.grads["weight_ih_l0"][4, 0])


def check_windows(names: Mapping[str, Any]) -> Verdict:
    """Compare answers and gradients with those of the book's loop."""
    answers, gradients = need(names, "answers"), need(names, "gradients")
    for found in (answers, gradients):
        if not isinstance(found, dict) or not set(SIZES) <= set(found):
            return Verdict(False, "`answers` and `gradients` need an entry for 1, 2, 3 and 6.")

    def same(**how: bool) -> list[bool]:
        wanted = np.array([_run(size, **how) for size in SIZES])
        pairs = zip((answers, gradients), wanted.T, strict=True)
        return [bool(np.allclose([one[s] for s in SIZES], two, atol=1e-9)) for one, two in pairs]

    right = same()
    if all(right):
        return Verdict(
            True, "One answer for all windows, and a gradient only where mark and question meet."
        )
    if right[0]:
        return Verdict(False, _gradient(np.array([float(gradients[size]) for size in SIZES])))
    if same(kept=False)[0]:
        return Verdict(
            False,
            "Each window begins with an empty memory, so the short ones never saw the mark. Hand "
            "the state of one window to the next.",
        )
    return Verdict(False, "The answer must be the same for all windows, that of the whole run.")


def _gradient(found: np.ndarray) -> str:
    """The hint for a gradient that is not right, where the answers are."""
    wanted = np.array([_run(size)[1] for size in SIZES])
    if not found.any():
        return "The answers are right. No gradient yet: call `layer.backward` after each window."
    if np.allclose(found, np.cumsum(wanted), atol=1e-9):
        return "The gradients of one size are added to those of the next: zero them in between."
    if np.allclose(found, wanted[-1], atol=1e-9):
        return "These are the gradients of the sequence in one piece. Go backwards per window."
    if np.allclose(found, [_run(size, all_of_it=False)[1] for size in SIZES], atol=1e-9):
        return (
            "You ask for the gradient of every output. The loss is the answer at step 6 alone: "
            "hand each window its own part of `d_answer`."
        )
    return "The answers are right and the gradients are not. Which part of `d_answer` is whose?"


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/in-practice/exercise_1": PADDED,
    "lstm/in-practice/exercise_3": Coding(START, check_windows),
}
