"""The exercises of the page on tanh and sigmoid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import RNN, Cell, Recurrent
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need

DOWNWARDS = Prediction(
    question="Ten times 1 and ten times -1, all gates open. What is c at the end?",
    choices=(
        Choice(
            "0 with the tanh, 10 with the sigmoid.",
            "Each pair of a 1 and a -1 adds tanh(2) + tanh(-2) = 0, or s(2) + s(-2) = 1.",
        ),
        Choice(
            "0 in both: ups and downs cancel.",
            "The sigmoid of -2 is small, but it is not negative: there are no downs.",
        ),
        Choice(
            "0 with the tanh, nearly 9 with the sigmoid.",
            "The ten marks alone write 8.8. But each -1 writes as well, 0.12 of it.",
        ),
        Choice(
            "0 with the tanh, nearly 20 with the sigmoid.",
            "For that each -1 would have to write as much as a 1; it writes s(-2) = 0.12.",
        ),
    ),
    order=(1, 2, 0, 3),
)

START = """\
import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import RNN, Cell, Recurrent, sigmoid


class CentredStep(Cell):
    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = sigmoid(a)  # yours: 2 sigmoid(a) - 1
        return (h,), (h, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        h, h_rec = saved
        d_a = np.array([d_new_state[0] * h * (1 - h)])  # yours: from h
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0,), d_p


x = np.random.default_rng(1).standard_normal((30, 10, 8))
layer = Recurrent(CentredStep, 8, 32, rng=1, dtype="float64")
tanh = gradient_by_lag(RNN(8, 32, rng=1, dtype="float64"), x, rng=2)
ratio = (gradient_by_lag(layer, x, rng=2) / tanh)[30]
show("over tanh, per step", ratio ** (1 / 30))
"""


def check_step(names: Mapping[str, Any]) -> Verdict:
    """Compare with a layer that has a tanh and half the weights, forwards and backwards."""
    step = need(names, "CentredStep")
    if not isinstance(step, type) or not issubclass(step, Cell):
        return Verdict(False, "`CentredStep` must be a class, and a `Cell`.")
    layer = Recurrent(step, 3, 4, rng=0, dtype="float64")
    twin = RNN(3, 4, rng=0, dtype="float64")
    twin.load_state_dict({key: value / 2 for key, value in layer.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((5, 2, 3))
    output, wanted = layer(x)[0], twin(x)[0]
    if output.shape != wanted.shape:
        return Verdict(False, f"h has the shape {output.shape[1:]}, not {wanted.shape[1:]}.")
    if not np.allclose(output, wanted, atol=1e-10):
        if output.min() >= 0:
            return Verdict(False, "h is never negative: 2 sigmoid - 1 runs from -1 to 1.")
        return Verdict(False, "h is not 2 sigmoid(a) - 1, which is tanh(a / 2).")
    d_x = layer.backward(np.ones_like(output))[0]
    wanted_d_x = twin.backward(np.ones_like(wanted))[0] / 2
    # The twin's weights are halves, so its input gradient is that of x times the same weights.
    return _slope(d_x, 2 * wanted_d_x)


def _slope(d_x: np.ndarray, wanted: np.ndarray) -> Verdict:
    if np.allclose(d_x, wanted, atol=1e-10):
        return Verdict(
            True, "Forwards and backwards it is a tanh of half the sum, as the formula says."
        )
    last = d_x[-1] / wanted[-1]
    if np.allclose(last, 2, atol=1e-6):
        words = "The backward pass has the tanh's slope, 1 - h², which is twice too much."
    elif np.allclose(last, 0.5, atol=1e-6):
        words = "The slope is half of what it should be: it is (1 - h²) / 2, and not a quarter."
    else:
        words = (
            "h is right, and its slope is not. Written with h itself, the slope of the sigmoid was "
            "h (1 - h), and now h is another number."
        )
    return Verdict(False, words)


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/tanh-or-sigmoid/exercise_1": DOWNWARDS,
    "lstm/tanh-or-sigmoid/exercise_3": Coding(START, check_step),
}
