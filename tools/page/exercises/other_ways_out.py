"""The exercises of the page on other ways out of vanishing gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import RNN
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

PULSE = Prediction(
    question="A pulse of 1 arrives once. Which leaky unit holds the largest state ten steps later?",
    choices=(
        Choice(
            "The one with a leak of 0.05, though it never held more than a twentieth of the pulse.",
            "It took in 0.038 and still has 0.024; the others have dropped below a thousandth.",
        ),
        Choice(
            "The one with a leak of 1, because it took in the whole pulse.",
            "It did, and replaced all of it at the very next step: with a leak of 1 nothing of the "
            "old state is kept.",
        ),
        Choice(
            "The one with a leak of 0.5, the best of both worlds.",
            "It took in half of the pulse, and has halved it nine times since: less than a "
            "thousandth is left.",
        ),
        Choice(
            "The one with a leak of 0.05, which still holds nearly the whole pulse.",
            "It holds the most, but it never had the whole: a pulse enters with the factor 0.05 as "
            "well.",
        ),
    ),
    order=(1, 3, 0, 2),
)

START = """\
import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

T, I, H = 20, 2, 3
x = np.random.default_rng(0).standard_normal((T, 1, I))
layer = RNN(I, H, bias=False, rng=0, dtype="float64")
W_hx, W_hh = layer.state_dict().values()

h = np.zeros(H)
S = np.zeros((H, H, H))  # S[i, j, k]: how h_i reacts to W_hh[j, k]
for x_t in x[:, 0]:
    h = np.tanh(W_hx @ x_t + W_hh @ h)
    S = 0.0 * S  # yours: as used now, and as used before, through the tanh
d_W = np.tensordot(h, S, 1)  # the loss: half the squares of the last state

show("carried forward", d_W)
"""

MISTAKES = (
    (
        {"before": False},
        "Only the last use of the weights counts so far. The old states reacted to them as well: "
        "send the old `S` through W_hh.",
    ),
    (
        {"direct": False},
        "Nothing ever enters `S`: at each step the weight in row j and column k acts on a_j, with "
        "the factor h_k.",
    ),
    ({"slope": False}, "The tanh is missing: multiply row i by the slope of unit i."),
    (
        {"late": True},
        "You multiply by the new h. What met the weights in this step was the state before it, so "
        "keep it before you overwrite `h`.",
    ),
)


def _carried(
    layer: RNN,
    x: np.ndarray,
    *,
    before: bool = True,
    direct: bool = True,
    slope: bool = True,
    late: bool = False,
) -> np.ndarray:
    """The gradient carried forward, right or with one mistake in it."""
    W_hx, W_hh = layer.state_dict().values()
    size = len(W_hh)
    h, S = np.zeros(size), np.zeros((size, size, size))
    for x_t in x[:, 0]:
        new = np.tanh(W_hx @ x_t + W_hh @ h)
        now = np.eye(size)[:, :, None] * (new if late else h)
        old = np.tensordot(W_hh, S, 1)
        S = float(direct) * now + float(before) * old
        S = S * ((1 - new**2)[:, None, None] if slope else 1.0)
        h = new
    return np.tensordot(h, S, 1)


def check_forward(names: Mapping[str, Any]) -> Verdict:
    """Compare with the right gradient, and with those that have one mistake."""
    layer, x, d_W = (need(names, name) for name in ("layer", "x", "d_W"))
    if not isinstance(layer, RNN) or len(layer.state_dict()) != 2:
        return Verdict(False, "`layer` must stay the layer without biases that the program made.")
    if np.shape(d_W) != layer.state_dict()["weight_hh_l0"].shape:
        return Verdict(False, "`d_W` must have the shape of W_hh, one number per weight.")

    def same(options: dict[str, Any]) -> bool:
        return bool(abs(d_W - _carried(layer, x, **options)).max() < 1e-9)

    if same({}):
        return Verdict(True, "The same nine numbers as a backward pass, without looking back.")
    words = typical(MISTAKES, same) or (
        "Not yet. At each step `S` is the direct part plus W_hh times the old `S`, and the sum "
        "goes through the slope of the tanh."
    )
    return Verdict(False, words)


EXERCISES: dict[str, Coding | Prediction] = {
    "rnn/other-ways-out/exercise_1": PULSE,
    "rnn/other-ways-out/exercise_3": Coding(START, check_forward),
}
