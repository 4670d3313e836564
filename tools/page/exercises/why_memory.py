"""The exercises of the page on why a network needs memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import RNN
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

PULSE = Prediction(
    question="A pulse of 1 arrives, then zeros. What does the unit do when its weight is 2?",
    choices=(
        Choice(
            "It settles at a value just below 1 and stays there.",
            "It finds the value that reproduces itself, 0.9575 = tanh(2 · 0.9575).",
        ),
        Choice(
            "It doubles at every step and grows without limit.",
            "The weight does double it, but then the tanh squeezes the product: no state of this "
            "unit can leave the range from -1 to 1.",
        ),
        Choice(
            "It fades, only more slowly than with a weight of 1.",
            "With a weight of 1 the tanh wears the state down. With 2, a small state grows, so 0 "
            "is no longer where it ends.",
        ),
        Choice(
            "It alternates between two values.",
            "A negative weight makes the sign alternate. A positive one keeps it.",
        ),
    ),
    order=(1, 0, 2, 3),
)

START = """\
from rnn_book import show
from rnn_book.numpy import RNN, example

layer = RNN(1, 3, bias=False, rng=0, dtype="float64")
weights = layer.state_dict()
weights["weight_ih_l0"][:] = 0.0  # yours: which unit reads the input?
# Yours: which unit reads which? One row for each reader.
weights["weight_hh_l0"][:] = 0.0
layer.load_state_dict(weights)

output, _ = layer(example.sequence())
show("h", output[:, 0].T)
"""


def check_delays(names: Mapping[str, Any]) -> Verdict:
    """Change the input at one step, and see at which step each unit notices."""
    layer = need(names, "layer")
    if not isinstance(layer, RNN) or layer.hidden_size != 3 or layer.input_size != 1:
        return Verdict(False, "`layer` must be a plain layer with one input and three units.")
    rng = np.random.default_rng(0)
    x = 0.5 * rng.standard_normal((7, 1, 1))
    before, _ = layer(x)
    other = x.copy()
    other[2] += 0.3
    after, _ = layer(other)
    # Row k: the steps at which unit k tells the two apart.
    seen = [np.flatnonzero(abs(after - before)[:, 0, unit] > 1e-9).tolist() for unit in range(3)]
    if seen == [[2], [3], [4]]:
        return Verdict(True, "Each unit sees each input once, and each one step after the last.")
    return Verdict(False, _why(seen, layer.state_dict()))


def _why(seen: list[list[int]], weights: Mapping[str, np.ndarray]) -> str:
    w_x, w_h = weights["weight_ih_l0"][:, 0], weights["weight_hh_l0"]
    if not any(seen):
        return "No unit notices the input at all: one of them has to read it."
    if np.count_nonzero(w_x) > 1:
        return (
            "More than one unit reads the input directly, so they see it at the same time. Only "
            "unit 0 should; unit 1 has to read unit 0."
        )
    if np.count_nonzero(np.diag(w_h)):
        return (
            "A unit that reads itself keeps a mixture of everything that came before. Here no unit "
            "may read itself, so the diagonal is 0."
        )
    if np.count_nonzero(w_h) == 0:
        return "Unit 0 reads the input. The other two read nothing yet: fill two entries of W_hh."
    if np.count_nonzero(np.triu(w_h, 1)) and not np.count_nonzero(np.tril(w_h, -1)):
        return (
            "Rows and columns are swapped. Row k holds what unit k reads, so unit 1 reading unit 0 "
            "is the entry [1, 0]."
        )
    if seen[:2] == [[2], [3]]:
        return "Units 0 and 1 are right. What should unit 2 read, so that it is one step later?"
    return "Trace one input through your units: unit 0 sees it now, and who sees it a step later?"


EXERCISES: dict[str, Coding | Prediction] = {
    "rnn/why-memory/exercise_1": PULSE,
    "rnn/why-memory/exercise_3": Coding(START, check_delays),
}
