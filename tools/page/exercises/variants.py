"""The exercises of the page on variants."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from rnn_book import record_gates
from rnn_book.numpy import PeepholeLSTM
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

COUNTS = Prediction(
    question="Three marks in a row. What is in the cell state after them?",
    choices=(
        Choice(
            "Plain: nearly 3. Coupled: nearly 1.",
            "The coupled keeper lets go of each mark while it writes the next.",
        ),
        Choice(
            "Nearly 3 in both: each mark is added.",
            "To write, the coupled keeper must shut its forget gate, and then the marks before are "
            "gone.",
        ),
        Choice(
            "Nearly 1 in both: the keeper holds one mark.",
            "The plain keeper's forget gate stays open at a mark, so the next one is added on top.",
        ),
        Choice(
            "Plain: nearly 3. Coupled: 0, because it forgets.",
            "It forgets the old mark, and writes the new one in the same step.",
        ),
    ),
    order=(1, 0, 3, 2),
)

START = """\
from math import atanh

import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import PeepholeLSTM

layer = PeepholeLSTM(1, 1, rng=0, dtype="float64")
weights = {name: 0 * value for name, value in layer.state_dict().items()}
biases = weights["bias_ih_l0"]  # i, f, g, o
peepholes = weights["weight_peephole_l0"]  # i, f, o
biases[:] = np.array([50, 110, atanh(0.1), -110])  # yours: every ten steps
peepholes[:] = np.array([0, -200, 200])
layer.load_state_dict(weights)

h = record_gates(layer, np.zeros((35, 1, 1)))["l0"]["h"][:, 0, 0]
show("ticks at steps", [step for step in range(1, 36) if h[step - 1] > 0.5])
"""

STEPS, PERIOD = 35, 10


def check_timer(names: Mapping[str, Any]) -> Verdict:
    """Let the layer run without input and look at when it ticks."""
    layer = need(names, "layer")
    if not isinstance(layer, PeepholeLSTM) or (layer.input_size, layer.hidden_size) != (1, 1):
        return Verdict(False, "`layer` must be a `PeepholeLSTM` with one input and one unit.")
    gates = record_gates(layer, np.zeros((STEPS, 1, 1), layer.dtype))["l0"]
    h, f, o, c = (gates[name][:, 0, 0] for name in "hfoc")
    ticks = [step for step in range(1, STEPS + 1) if h[step - 1] > 0.5]
    if ticks == [10, 20, 30]:
        return Verdict(True, "It ticks at steps 10, 20 and 30, and starts again after each.")
    return Verdict(False, _why(ticks, f, o, c))


def _why(ticks: list[int], f: np.ndarray, o: np.ndarray, c: np.ndarray) -> str:
    """The hint for a typical mistake."""
    if ticks == list(range(6, STEPS + 1, 6)):
        return "It still ticks every six steps. Where must the gates change sides now?"
    if not ticks and o.max() > 0.5:
        return "The output gate opens, but the state behind it is too small to be seen as a tick."
    if not ticks and f.min() < 0.5:
        return (
            "The forget gate clears the state before the output gate opens. Both must change sides "
            "at the same value."
        )
    if not ticks:
        return f"Neither gate ever changes sides; the cell state gets to {c.max():.1f}."
    if f.min() > 0.5:
        return "It ticks, and never starts again: its forget gate never shuts."
    if any(two - one == 1 for one, two in pairwise(ticks)):
        return (
            "It ticks for several steps in a row: the output gate opens before the forget gate "
            "clears the state."
        )
    if ticks[0] in (PERIOD - 1, PERIOD + 1):
        return (
            f"The first tick is at step {ticks[0]}. The state is 0.1 times the step: put the "
            "place where the gates change sides between 0.9 and 1.0, not on one of them."
        )
    return f"The first tick is at step {ticks[0]}, and should be at step {PERIOD}."


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/variants/exercise_1": COUNTS,
    "lstm/variants/exercise_3": Coding(START, check_timer),
}
