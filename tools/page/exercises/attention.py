"""The exercises of the page on encoder, decoder and attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

CHANGED = Prediction(
    question="The memory is put into another order, and, in a second run, the query is made ten "
    "times as long. What becomes of the context?",
    choices=(
        Choice(
            "The order changes nothing. The longer query brings it close to the best-fitting "
            "entry.",
            "A weighted mean does not know an order, and a softmax of scores ten times as large "
            "gives nearly everything to the largest.",
        ),
        Choice(
            "The order changes it. The longer query makes it ten times as long.",
            "The weights move with the entries they belong to, so the sum is the same. And however "
            "long the query is, the weights sum to 1: a mean stays among what it is a mean of.",
        ),
        Choice(
            "Neither changes it.",
            "The order does not. But a longer query scales all scores, and with them their "
            "differences, which are what a softmax looks at.",
        ),
        Choice(
            "The order changes nothing. The longer query makes all weights alike.",
            "It is the other way round: short queries make small differences and weights that are "
            "nearly alike, long ones sharpen them.",
        ),
    ),
    order=(1, 2, 0, 3),
)

START = """\
import numpy as np

from rnn_book import show


def attend(query, memory, length):
    # query (Q,), memory (T, Q); what stands at `length` and beyond is padding
    scores = memory @ query
    # yours: the shares of a softmax, with 0 in the padding
    weights = scores / scores.sum()
    return weights @ memory, weights


memory = np.array([[1.0, 0.0], [0.0, 1.0], [np.nan, np.nan]])
context, weights = attend(np.array([0.0, 2.0]), memory, 2)
show("context", context)
show("weights", weights)
"""


def check_attend(names: Mapping[str, Any]) -> Verdict:
    """Let the reader's function attend to random memories, with padding of all kinds."""
    attend = need(names, "attend")
    if not callable(attend):
        return Verdict(False, f"`attend` must be a function, and it is a {type(attend).__name__}.")
    rng = np.random.default_rng(5)
    query, memory = rng.normal(size=3), rng.normal(size=(5, 3))
    scores = memory @ query
    whole = np.exp(scores) / np.exp(scores).sum()
    found = _pair(attend(query.copy(), memory.copy(), 5))
    if found is None:
        return Verdict(False, "`attend` must return two arrays: the context and the weights.")
    context, weights = found
    if weights.shape != (5,) or context.shape != (3,):
        return Verdict(
            False,
            "For five entries of three numbers the context has 3 numbers and there are 5 weights, "
            f"and yours have the shapes {context.shape} and {weights.shape}.",
        )
    if np.allclose(weights, scores / scores.sum()):
        return Verdict(
            False,
            "Those are the scores over their sum. A score may be negative; take e to the power of "
            "each first.",
        )
    if np.allclose(weights, np.exp(scores)):
        return Verdict(False, "Those do not sum to 1: divide by their sum.")
    if not np.allclose(weights, whole) or not np.allclose(context, whole @ memory):
        return Verdict(
            False, "Without any padding the weights or the context are not those of a softmax."
        )
    return _padded(attend, query, memory, np.exp(scores[:3]) / np.exp(scores[:3]).sum())


def _padded(attend: Any, query: np.ndarray, memory: np.ndarray, shares: np.ndarray) -> Verdict:
    """The same memory, of which only the first three entries count."""
    found = _pair(attend(query.copy(), memory.copy(), 3))
    weights = np.zeros(0) if found is None else found[1]
    if weights.shape == (5,) and (weights[3:] != 0).any():
        return Verdict(
            False,
            "Right without padding. But with a length of 3 the entries 4 and 5 still get a share: "
            "set their scores to minus infinity before the softmax.",
        )
    if weights.shape == (3,):
        return Verdict(
            False,
            "You cut the memory off, which works for one sequence. In a batch every row needs as "
            "many weights as the longest has, so return 5 weights here, two of them 0.",
        )
    if weights.shape != (5,) or not np.allclose(weights[:3], shares):
        return Verdict(
            False,
            "The padding has a weight of 0, and yet the other weights are not right: it must be "
            "left out before the softmax, so that the rest sums to 1.",
        )
    for filling in (np.nan, np.inf):
        spoilt = memory.copy()
        spoilt[3:] = filling
        with np.errstate(all="ignore"):
            again = _pair(attend(query.copy(), spoilt, 3))
        if again is None or not np.allclose(again[0], shares @ memory[:3]):
            return Verdict(
                False,
                f"Right, until the padding holds {filling}: 0 times {filling} is no 0. Replace "
                "what stands in the padding before you compute with it.",
            )
    return Verdict(True, "Nothing of the padding gets through, not even NaN.")


def _pair(value: Any) -> tuple[np.ndarray, np.ndarray] | None:
    if not isinstance(value, tuple | list) or len(value) != 2:
        return None
    return np.asarray(value[0], float), np.asarray(value[1], float)


EXERCISES: dict[str, Coding | Prediction] = {
    "practice/encoder-decoder-attention/exercise_1": CHANGED,
    "practice/encoder-decoder-attention/exercise_3": Coding(START, check_attend),
}
