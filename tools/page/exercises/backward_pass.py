"""The exercises of the page on the LSTM's backward pass."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from rnn_book import check_layer
from rnn_book.numpy import Recurrent
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

SHUT = Prediction(
    question="The keeper's output gate is forced shut. Which gradients of its answer are left?",
    choices=(
        Choice(
            "None at all.",
            "Whatever goes to the cell state is multiplied by o, and what goes to the gate by the "
            "slope o (1 - o). Both are 0.",
        ),
        Choice(
            "That of the output gate, which is to blame, and no other.",
            "The gate itself does get tanh(c), which is large. But its weights are behind the "
            "sigmoid, and the slope of a shut sigmoid is 0: it cannot even be told to open.",
        ),
        Choice(
            "Those of the cell state and of everything before it, but not the output gate's.",
            "On its way to the cell state the gradient passes the product with o, and is "
            "multiplied by it. Times 0, nothing goes on.",
        ),
        Choice(
            "All, only smaller.",
            "How much smaller? Forward, the answer is o times tanh(c). Look at what each of the "
            "two factors gets when o is 0.",
        ),
    ),
    order=(1, 3, 0, 2),
)

START = """\
import numpy as np

from rnn_book import check_layer, show
from rnn_book.numpy import Cell, Recurrent, sigmoid, tanh


class Leaky(Cell):  # h = f * h_old + (1 - f) * n
    gates, states = 2, ("h",)

    def step(self, a_x, h_rec, state, p):
        (h,) = state
        a_f, a_n = a_x + p.recurrent(h_rec) + p.bias_hh
        f, n = sigmoid(a_f), tanh(a_n)
        return (f * h + (1 - f) * n,), (f, n, h, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        (d_h,), (f, n, h, h_rec) = d_new_state, saved
        d_f = 0 * d_h  # yours; h is the state before the step
        d_n = 0 * d_h  # yours
        carried = 0 * d_h  # yours: what reaches h past the matrices
        d_a = np.array([d_f * f * (1 - f), d_n * (1 - n**2)])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (carried,), d_p


x = np.random.default_rng(1).standard_normal((5, 2, 3))
layer = Recurrent(Leaky, 3, 4, rng=0, dtype="float64")
for name, slopes in check_layer(layer, x).items():
    show(name, slopes)
"""


class _NoProduct:
    """A recurrent product that adds nothing, so that a step stands alone."""

    def __call__(self, h: Any) -> Any:
        return np.zeros((2, *h.shape))

    def gradient(self, d_a: Any) -> Any:
        return np.zeros(d_a.shape[1:])


def _hint(d_f: Any, d_n: Any, carried: Any, d_h: Any, saved: tuple[Any, ...]) -> str | None:
    """What is wrong with the three lines, if it is a typical mistake."""
    f, n, h = saved[:3]

    def same(a: Any, b: Any) -> bool:
        return bool(np.allclose(a, b))

    mistakes = (
        (same(carried, 0), "Nothing is carried: h_old is multiplied by f on its way to the new h."),
        (same(carried, d_h), "You carry all of d_h. But forward, h_old was multiplied by f."),
        (
            same(carried, d_h * (1 - f)),
            "Old and new are exchanged: h_old was multiplied by f, n by 1 - f.",
        ),
        (
            same(d_f, d_h * h),
            "f is used twice, and you have followed one use. The other one is in 1 - f.",
        ),
        (
            same(d_f, d_h * (h + n)),
            "f occurs a second time with a minus: raise f, and less of n gets in.",
        ),
        (same(d_f, d_h * (n - h)), "Right in size, with the wrong sign."),
        (same(d_n, d_h * f), "What is the factor before n? It is not f."),
        (same(d_n, d_h), "n is multiplied by something on its way into h."),
        (same(d_f, 0) or same(d_n, 0), "One of the gates is told nothing yet."),
    )
    return typical(mistakes, bool)


def check_gradient(names: Mapping[str, Any]) -> Verdict:
    """Nudge a layer of the reader's cell; where that fails, look at one step."""
    cell = need(names, "Leaky")
    x = np.random.default_rng(1).standard_normal((5, 2, 3))
    found = check_layer(Recurrent(cell, 3, 4, rng=0, dtype="float64"), x)
    if all(abs(measured - given) < 1e-6 for measured, given in found.values()):
        return Verdict(True, "Every slope is the measured one. This gradient can be trusted.")
    rng = np.random.default_rng(2)
    a = rng.standard_normal((2, 3, 4))
    h, d_h = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    p = SimpleNamespace(recurrent=_NoProduct(), bias_hh=np.zeros((2, 1, 4)))
    step = cell()
    _, saved = step.step(a, h, (h,), p)
    d_a, _, (carried,), _ = step.step_gradient((d_h,), saved, p)
    f, n = saved[:2]
    d_f, d_n = d_a[0] / (f * (1 - f)), d_a[1] / (1 - n**2)
    words = _hint(d_f, d_n, carried + np.zeros_like(d_h), d_h, saved)
    far = [name for name, (measured, given) in found.items() if abs(measured - given) > 1e-6]
    return Verdict(False, words or f"The slopes differ for {', '.join(far)}.")


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/backward-pass/exercise_1": SHUT,
    "lstm/backward-pass/exercise_3": Coding(START, check_gradient),
}
