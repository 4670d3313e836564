"""The exercises of the page on what the cell state buys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book import record_gates
from rnn_book.numpy import LSTM
from rnn_book.tasks import recall
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

LEAK = Prediction(
    question="The adder's forget gate is at 0.9933. What does its error do as T grows?",
    choices=(
        Choice(
            "It grows past 1/6, the error of guessing, and ends at 7/6.",
            "In the end both numbers are forgotten and the answer is 0. The error is then the mean "
            "square of the sum: its variance, 1/6, plus its mean squared, 1.",
        ),
        Choice(
            "It grows, and ends at 1/6, the error of guessing.",
            "To get 1/6 a model has to answer 1, the mean. What does a unit answer that has "
            "forgotten everything?",
        ),
        Choice(
            "It stays small: a gate of 0.9933 is nearly open.",
            "Compute 0.9933 to the power of 1000. It is about a thousandth.",
        ),
        Choice(
            "It grows without end.",
            "A memory that is lost is lost: the answer cannot get further away than 0 is from the "
            "sum.",
        ),
    ),
    order=(2, 1, 3, 0),
)

START = """\
from rnn_book import show
from rnn_book.numpy import LSTM
from rnn_book.tasks import recall

layer = LSTM(8, 4, rng=0, dtype="float64")  # a unit for each symbol
weights = layer.state_dict()
for value in weights.values():
    value[:] = 0.0
# Rows: 0 to 3 the input gate, then 4 each for f, g and o.
# Columns of weight_ih_l0: four symbols, then four distractors.
weights["weight_ih_l0"][0, 0] = 1.0  # yours
weights["bias_ih_l0"][0:4] = 0.0  # yours
layer.load_state_dict(weights)

for steps in (10, 100, 1000):
    x, targets = recall(steps, 50, rng=3)
    _, (h, c) = layer(x)
    right = sum(int(h[0, n, targets[n]] > 0.5) for n in range(50))
    show(f"T={steps}: right of 50", right)
"""


def check_recall(names: Mapping[str, Any]) -> Verdict:
    """Ask the layer for the first symbol of sequences of three lengths."""
    layer = need(names, "layer")
    if not isinstance(layer, LSTM) or (layer.input_size, layer.hidden_size) != (8, 4):
        return Verdict(False, "`layer` must be an LSTM(8, 4): eight features, a unit per symbol.")
    right = {}
    for steps in (2, 10, 100, 1000):
        x, targets = recall(steps, 50, rng=5)
        _, (h, _) = layer(x)
        h = h[0]
        wanted = np.arange(4) == targets[:, None]
        right[steps] = int(((h > 0.5) == wanted).all(axis=-1).sum())
    if min(right.values()) == 50:
        return Verdict(True, "Right in every sequence, at 1000 steps as at 10.")
    x, targets = recall(100, 50, rng=5)
    gates = record_gates(layer, x)["l0"]
    o, h = gates["o"][-1], gates["h"][-1]
    i, f, g = gates["i"], gates["f"], gates["g"]
    if f[1:].mean() < 0.99:
        words = f"A forget gate of {f[1:].mean():.2f} keeps nothing for 100 steps: hold f open."
    elif i[1:].max() > 0.01:
        words = "The input gates are not shut while the distractors pass, so noise is written."
    elif o.mean() < 0.01:
        words = "The output gates are shut: the memory is there, and nobody can see it."
    elif i[0].max() < 0.5:
        words = "No input gate opens at the first symbol, so nothing is written."
    elif np.allclose(h, h[:, :1]):
        words = "All four units say the same."
    elif (g[0].max(axis=-1) < 0.1).any():
        words = "An input gate opens, but its node has nothing to write: g is 0 or negative there."
    else:
        words = f"At 100 steps {right[100]} of 50 are right. Does unit k answer to symbol k?"
    return Verdict(False, words)


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/long-lags/exercise_1": LEAK,
    "lstm/long-lags/exercise_3": Coding(START, check_recall),
}
