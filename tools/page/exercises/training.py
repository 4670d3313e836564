"""The exercises of the page on training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import GRU
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

SHARES = Prediction(
    question="In the mean of the two sequences' means, how much does the lonely step count?",
    choices=(
        Choice(
            "A half, ten times as much as a step of the long sequence.",
            "Each sequence has a half. The long one shares it among ten steps.",
        ),
        Choice(
            "An eleventh, like every other step.",
            "That is the mean over all steps. Here each sequence is averaged first.",
        ),
        Choice(
            "A tenth of a step of the long sequence.",
            "The other way round: its sequence has a half like the other, and nobody to share it.",
        ),
        Choice(
            "1, because a mean over one step is that step.",
            "So it is within its sequence. The mean over the two sequences then halves it.",
        ),
    ),
    order=(1, 3, 0, 2),
)

START = """\
import math

import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU, clip_grad_norm


def clip(layer, max_norm):
    norm = 0.0  # yours: shorten layer.grads, and return the norm as it was
    return norm


x = np.random.default_rng(0).standard_normal((9, 4, 3))
layer = GRU(3, 5, rng=0, dtype="float64")
output, _ = layer(x)
layer.backward(np.ones_like(output))
show("norm", clip_grad_norm(layer, math.inf))
show("ours", clip(layer, 1.0))
show("after", clip(layer, 1.0))
"""


def _layer() -> GRU:
    """A layer with a gradient."""
    layer = GRU(2, 3, rng=1, dtype="float64")
    output, _ = layer(np.random.default_rng(1).standard_normal((4, 2, 2)))
    layer.backward(np.ones_like(output))
    return layer


def check_clip(names: Mapping[str, Any]) -> Verdict:
    """Clip a gradient that is too long, and one that is not."""
    clip = need(names, "clip")
    if not callable(clip):
        return Verdict(False, "`clip` must be a function.")
    layer = _layer()
    before = {name: grad.copy() for name, grad in layer.grads.items()}
    norm = math.sqrt(sum((grad * grad).sum() for grad in before.values()))
    returned = clip(layer, norm / 4)
    found = {name: np.asarray(grad) for name, grad in layer.grads.items()}
    shares = np.concatenate([(found[name] / before[name]).ravel() for name in before])
    if not np.allclose(shares, 0.25, rtol=1e-4):
        return Verdict(False, _why(shares, found, norm / 4))
    if returned is None or not math.isclose(float(returned), norm, rel_tol=1e-4):
        return Verdict(
            False, "The gradient is right. Return its norm as it was before you shortened it."
        )
    layer = _layer()
    clip(layer, 10 * norm)
    if not all(np.allclose(layer.grads[name], before[name], rtol=1e-4) for name in before):
        return Verdict(
            False, "A gradient that is shorter than the limit must stay as it is; yours is longer."
        )
    return Verdict(True, "Long gradients are shortened, and short ones are left alone.")


def _why(shares: np.ndarray, found: Mapping[str, np.ndarray], limit: float) -> str:
    """The hint for a typical mistake."""
    if np.allclose(shares, 1):
        return (
            "The gradients of the layer are unchanged. Change the arrays in place: `grad *= ...`."
        )
    if (
        all(np.linalg.norm(grad) <= 1.001 * limit for grad in found.values())
        and np.ptp([np.linalg.norm(grad) for grad in found.values()]) < 1e-3 * limit
    ):
        return (
            "Each array is clipped by itself, so that the direction has changed. Take one norm of "
            "all of them together."
        )
    if max(abs(grad).max() for grad in found.values()) <= 1.001 * limit and shares.max() > 0.999:
        return "You cut off single entries. Clipping by norm multiplies all of them by one number."
    if np.allclose(shares, shares[0]):
        return (
            "All entries are multiplied by one number, as they should be, but not by the right "
            "one. The norm is the root of the sum of all squares."
        )
    return "The entries are not multiplied by one number, so that the direction has changed."


EXERCISES: dict[str, Coding | Prediction] = {
    "practice/training/exercise_1": SHARES,
    "practice/training/exercise_3": Coding(START, check_clip),
}
