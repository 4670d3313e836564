"""The exercises of the page on what the forget gate is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book import record_gates
from rnn_book.grammars import REBER_SYMBOLS, continual_reber
from rnn_book.numpy import LSTM
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

RESETS = Prediction(
    question="A fresh layer without a forget gate reads 2000 symbols. How large does |c| get?",
    choices=(
        Choice(
            "With resets below 10. Without, in the hundreds.",
            "With resets it cannot grow beyond what one string of a dozen symbols adds. Without "
            "them well over a hundred strings are on top of each other.",
        ),
        Choice(
            "Below 10 in both cases: a fresh layer writes about as much up as down.",
            "It would, if its node had no bias. But each unit leans to one side a little, and a "
            "little, always in the same direction, adds up.",
        ),
        Choice(
            "With resets below 1, because of the tanh. Without, in the hundreds.",
            "The tanh limits what is written per step, and what is shown. The cell state between "
            "the two is a sum.",
        ),
        Choice(
            "In the hundreds in both cases.",
            "A reset at the beginning of each string starts the sum anew, and a string is short.",
        ),
    ),
    order=(2, 3, 0, 1),
)

START = """\
from rnn_book import record_gates, show
from rnn_book.grammars import REBER_SYMBOLS, continual_reber
from rnn_book.numpy import LSTM

layer = LSTM(7, 1, rng=0, dtype="float64")
weights = layer.state_dict()
for value in weights.values():
    value[:] = 0.0
end = REBER_SYMBOLS.index("E")  # the column of an E in weight_ih_l0
# Rows: i, f, g, o.
weights["bias_ih_l0"][:] = 0.0  # yours
weights["weight_ih_l0"][1, end] = 0.0  # yours
layer.load_state_dict(weights)

x = continual_reber(36, 1, rng=7).inputs
symbols = x[:, 0].argmax(axis=-1)
show("stream", "".join(REBER_SYMBOLS[k] for k in symbols))
show("c", record_gates(layer, x)["l0"]["c"][:, 0, 0])
"""


def check_counter(names: Mapping[str, Any]) -> Verdict:
    """Let the unit count on a stream that it has not seen."""
    layer = need(names, "layer")
    if not isinstance(layer, LSTM) or (layer.input_size, layer.hidden_size) != (7, 1):
        return Verdict(False, "`layer` must be an LSTM(7, 1): seven symbols, one unit.")
    x = continual_reber(300, 1, rng=11).inputs
    at_end = x[:, 0, REBER_SYMBOLS.index("E")] == 1
    wanted, count = np.zeros(300), 0
    for t in range(300):
        count = 1 if at_end[t] else count + 1
        wanted[t] = count
    c = record_gates(layer, x)["l0"]["c"][:, 0, 0]
    if np.abs(c - wanted).max() < 0.01:
        return Verdict(True, "It counts, and starts again at every E by itself.")
    at_begin = x[:, 0, REBER_SYMBOLS.index("B")] == 1
    mistakes = (
        (np.allclose(c, 0, atol=1e-3), "The unit writes nothing: which two parts must be open?"),
        (np.allclose(c, np.arange(1, 301), atol=0.01), "It counts and never starts again."),
        (
            np.allclose(c[at_end], 0, atol=0.01),
            "At an E it is 0, and should be 1, because the E counts: shut f there, leave i open.",
        ),
        (np.allclose(c[at_begin], 1, atol=0.01), "It starts again at every B, and not at an E."),
        (
            np.allclose(c[at_end], 1, atol=0.01),
            "It starts again where it should. In between each step has to add exactly 1 and lose "
            "nothing, so i, g and f must be as good as 1.",
        ),
    )
    t = int(np.abs(c - wanted).argmax())
    words = f"At step {t + 1} it holds {c[t]:.2f}, and should hold {wanted[t]:.0f}."
    return Verdict(False, typical(mistakes, bool) or words)


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/endless-streams/exercise_1": RESETS,
    "lstm/endless-streams/exercise_3": Coding(START, check_counter),
}
