"""The exercises of the page on stacking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import GRU
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

SHAPES = Prediction(
    question="3 layers, both directions, 8 inputs, 5 units. Which shapes do `output` and `h` have?",
    choices=(
        Choice(
            "output (7, 2, 10), h (6, 2, 5)",
            "The output is the top layer's, both directions side by side. h has an entry per layer "
            "and direction.",
        ),
        Choice(
            "output (7, 2, 30), h (6, 2, 5)",
            "That would be the outputs of all layers. A stack shows its top layer only.",
        ),
        Choice(
            "output (7, 2, 10), h (3, 2, 10)",
            "In the output the directions are joined. In h each has an entry of its own.",
        ),
        Choice(
            "output (7, 2, 5), h (3, 2, 5)",
            "That is a stack that reads in one direction.",
        ),
    ),
    order=(3, 1, 0, 2),
)

START = '''\
import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU


def stacked(lower, upper, x, mask):
    """Return the output of two layers, with dropout between them."""
    output, _ = lower(x)  # yours: the mask, and the upper layer
    return output


x = np.random.default_rng(0).standard_normal((7, 2, 3))
stack = GRU(3, 4, num_layers=2, dropout=0.5, rng=0, dtype="float64")
wanted, _ = stack(x)
mask = stack.last_masks["l0"]["dropout"]
weights = stack.state_dict()
lower, upper = GRU(3, 4, dtype="float64"), GRU(4, 4, dtype="float64")
lower.load_state_dict({k: v for k, v in weights.items() if "_l0" in k})
upper.load_state_dict(
    {k.replace("_l1", "_l0"): v for k, v in weights.items() if "_l1" in k}
)
show("difference", abs(stacked(lower, upper, x, mask) - wanted).max())
'''


def check_stacked(names: Mapping[str, Any]) -> Verdict:
    """Compare with a stack of two that draws the same mask."""
    stacked = need(names, "stacked")
    if not callable(stacked):
        return Verdict(False, "`stacked` must be a function of lower, upper, x and mask.")
    lower, upper = (GRU(4, 4, rng=seed, dtype="float64") for seed in (1, 2))
    x = np.random.default_rng(5).standard_normal((6, 2, 4))
    mask = 2.0 * (np.random.default_rng(6).random((6, 2, 4)) > 0.5)
    found = stacked(lower, upper, x, mask)
    if isinstance(found, tuple):
        return Verdict(False, "A layer returns a pair: its output and its state. Return the first.")
    between, _ = lower(x)
    wanted, _ = upper(mask * between)
    found = np.asarray(found)

    def same(other: np.ndarray) -> bool:
        return found.shape == other.shape and np.allclose(found, other, atol=1e-10)

    if same(wanted):
        return Verdict(True, "The mask acts on the way up, and the lower layer does not notice.")
    mistakes = (
        (between, "This is the lower layer alone."),
        (mask * between, "The mask is right. Now the upper layer has to read what is left."),
        (upper(between)[0], "Both layers are there, and the mask does nothing yet."),
        (mask * upper(between)[0], "You mask the output of the top layer. The mask belongs below."),
        (upper(lower(mask * x)[0])[0], "You mask the input of the lower layer. One floor higher."),
        (lower(mask * upper(x)[0])[0], "The layers are swapped: the lower one reads x."),
    )
    words = typical(mistakes, same)
    words = words or "This is not what a stack of two gives. What does the upper layer read?"
    return Verdict(False, words)


EXERCISES: dict[str, Coding | Prediction] = {
    "improvements/stacking/exercise_1": SHAPES,
    "improvements/stacking/exercise_3": Coding(START, check_stacked),
}
