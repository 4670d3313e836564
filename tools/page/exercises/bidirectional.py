"""The exercises of the page on both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import LSTM
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

MOVES = Prediction(
    question="Two bidirectional layers, seven steps, step 4 is changed. Where does the first half "
    "of the output change?",
    choices=(
        Choice(
            "At all seven steps.",
            "The upper layer reads both halves of the lower one, and the lower second half has "
            "told steps 1 to 3 of step 4 already.",
        ),
        Choice(
            "From step 4 on.",
            "That holds for one layer. Here the upper forward layer reads the lower backward one.",
        ),
        Choice(
            "Up to step 4.",
            "That is the second half of one layer.",
        ),
        Choice(
            "At step 4 alone.",
            "A change is carried on by the state, in each direction.",
        ),
    ),
    order=(1, 3, 2, 0),
)

START = '''\
import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM


def summary(output, lengths):
    """Return (N, 2H): what each direction says after all of a sequence."""
    return output[-1]  # yours


lengths = [6, 3]
layer = LSTM(3, 4, bidirectional=True, rng=1, dtype="float64")
x = np.random.default_rng(1).standard_normal((6, 2, 3))
output, (h, c) = layer(x, lengths=np.array(lengths))
found = summary(output, lengths)
for half, name in ((0, "first"), (1, "second")):
    apart = abs(found[:, 4 * half : 4 * half + 4] - h[half]).max()
    show(f"{name} half, h[{half}]: apart", apart)
'''


def check_summary(names: Mapping[str, Any]) -> Verdict:
    """Compare with the final states."""
    summary = need(names, "summary")
    if not callable(summary):
        return Verdict(False, "`summary` must be a function of output and lengths.")
    lengths = [3, 7, 5]
    layer = LSTM(2, 3, bidirectional=True, rng=2, dtype="float64")
    x = np.random.default_rng(2).standard_normal((7, 3, 2))
    output, (h, _) = layer(x, lengths=np.array(lengths))
    wanted = np.concatenate([h[0], h[1]], axis=-1)
    found = np.asarray(summary(output, lengths))
    if found.shape != wanted.shape:
        return Verdict(False, f"The summary must have the shape {wanted.shape}, (N, 2H).")
    if np.allclose(found, wanted, atol=1e-10):
        return Verdict(True, "Each direction at its own end, for every length.")
    rows = np.arange(3)
    last = output[np.array(lengths) - 1, rows]
    mistakes = (
        (output[-1], "output[-1] is the last step of the longest sequence. For the shorter ones it "
                     "is padding."),
        (output[0], "At step 1 the first direction has read one step and no more."),
        (last, "The first half is right. The second direction ends at step 1."),
        (np.concatenate([output[-1, :, :3], output[0, :, 3:]], -1),
         "The second half is right. The first direction ends at the sequence's own last step."),
        (np.concatenate([h[1], h[0]], -1), "Right, but for the order: the first direction first."),
    )  # fmt: skip
    words = typical(mistakes, lambda wrong: np.allclose(found, wrong, atol=1e-10))
    words = words or "Neither half is at its end. Where does each direction stop reading?"
    return Verdict(False, words)


EXERCISES: dict[str, Coding | Prediction] = {
    "improvements/bidirectional/exercise_1": MOVES,
    "improvements/bidirectional/exercise_3": Coding(START, check_summary),
}
