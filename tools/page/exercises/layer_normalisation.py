"""The exercises of the page on layer normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import LayerNorm
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

SHIFTED = Prediction(
    question="The same three numbers are added to every row of weight_ih. What happens to the "
    "output of a LayerNormLSTM?",
    choices=(
        Choice(
            "Nothing.",
            "Per step all 4H entries of the product grow by the same amount, and the mean takes it "
            "away.",
        ),
        Choice(
            "Every gate opens or shuts a little.",
            "So it would be in a plain LSTM. Here the mean of all 4H numbers is subtracted first.",
        ),
        Choice(
            "It changes, but only by a factor.",
            "A factor is what the division takes out. This is a shift.",
        ),
        Choice(
            "It depends on the input of each step.",
            "By how much the products grow does depend on it. But within a step all grow alike.",
        ),
    ),
    order=(1, 2, 0, 3),
)

START = """\
import numpy as np

from rnn_book import show
from rnn_book.numpy import LayerNorm


def backward(a, d, eps=1e-5):
    centred = a - a.mean(axis=-1, keepdims=True)
    s = ((centred**2).mean(axis=-1, keepdims=True) + eps) ** 0.5
    n = centred / s  # the forward pass; d is the gradient with respect to n
    return d / s  # yours: s and the mean depend on a as well


a, d = np.random.default_rng(1).standard_normal((2, 3, 8))
layer = LayerNorm(8, dtype="float64")
layer(a)
show("difference", abs(backward(a, d) - layer.backward(d)).max())
"""


def check_backward(names: Mapping[str, Any]) -> Verdict:
    """Compare with the package's own backward pass."""
    backward = need(names, "backward")
    if not callable(backward):
        return Verdict(False, "`backward` must be a function of a and d.")
    a, d = np.random.default_rng(3).standard_normal((2, 4, 6))
    layer = LayerNorm(6, dtype="float64")
    layer(a)
    wanted = layer.backward(d)
    found = np.asarray(backward(a, d))
    if found.shape != wanted.shape:
        return Verdict(False, f"The gradient must have the shape of a, {wanted.shape} here.")
    if np.allclose(found, wanted, atol=1e-10):
        return Verdict(True, "The gradient of the package's layer, and of the formula.")
    centred = a - a.mean(axis=-1, keepdims=True)
    s = ((centred**2).mean(axis=-1, keepdims=True) + 1e-5) ** 0.5
    n = centred / s
    mean = d.mean(axis=-1, keepdims=True)
    along = (d * n).mean(axis=-1, keepdims=True)
    mistakes = (
        (d / s, "As if mean and s were constants. Both depend on every entry of a."),
        ((d - mean) / s, "You have seen to the mean. Now s: what is left points along n."),
        ((d - n * along) / s, "You have seen to s. The mean is still missing."),
        (d - mean - n * along, "Right in direction. The whole is divided by s."),
        ((d - mean + n * along) / s, "The part along n has the wrong sign."),
        ((d - mean - along) / s, "The last term has lost its direction: it is along times n."),
        ((d - mean - n * 6 * along) / s, "You take a sum where a mean is needed."),
    )
    words = typical(mistakes, lambda wrong: np.allclose(found, wrong, atol=1e-10))
    words = words or "Try it on two properties: per row, it adds up to 0, and so does it * n."
    return Verdict(False, words)


EXERCISES: dict[str, Coding | Prediction] = {
    "improvements/layer-normalisation/exercise_1": SHIFTED,
    "improvements/layer-normalisation/exercise_3": Coding(START, check_backward),
}
