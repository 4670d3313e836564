"""The exercises of the memory cell's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book.numpy import LSTM, LSTMCell
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

HELD = Prediction(
    question="f = 1 and i = 0 from the mark on. What is c a thousand steps later?",
    choices=(
        Choice("Exactly what it was.", "Times 1, plus 0: nothing can change it."),
        Choice(
            "Close to 0: it fades.",
            "It would fade if f were below 1. Here each step multiplies by exactly 1.",
        ),
        Choice(
            "Larger: it goes on adding.",
            "With i = 0 nothing is added, whatever the input node offers.",
        ),
        Choice(
            "Close to ±1: the tanh squeezes it.",
            "No tanh lies on the path of c. It squeezes what leaves the cell, not what stays.",
        ),
    ),
    order=(2, 1, 0, 3),
)

START = '''\
from rnn_book import show
from rnn_book.numpy import example


def run(cell, x, state=None):
    """Return all hidden states and the last state."""
    outputs = []
    for x_t in x:
        pass  # yours: cell(x_t, state) gives the new state, (h, c)
    return outputs, state


x = example.sequence()
outputs, state = run(example.cell(), x)
show("steps", len(outputs))
'''


def check_run(names: Mapping[str, Any]) -> Verdict:
    """Compare with a layer that has the cell's weights, on a sequence of its own."""
    run = need(names, "run")
    if not callable(run):
        return Verdict(False, "`run` must be a function.")
    cell = LSTMCell(3, 4, rng=0, dtype="float64")
    layer = LSTM(3, 4, rng=0, dtype="float64")
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((5, 2, 3))
    wanted, (h, c) = layer(x)
    found = run(cell, x)
    if not isinstance(found, tuple) or len(found) != 2:
        return Verdict(
            False, "`run` must return two things: the hidden states, and the last state."
        )
    outputs, state = found
    if len(outputs) != len(x):
        return Verdict(
            False, f"For {len(x)} steps there must be {len(x)} hidden states, not {len(outputs)}."
        )
    if isinstance(outputs[0], tuple):
        return Verdict(
            False,
            "You keep the whole state (h, c) of each step. What a layer hands on is h alone.",
        )
    outputs = np.stack([np.asarray(one) for one in outputs])
    if outputs.shape == wanted.shape and np.allclose(outputs, wanted, atol=1e-10):
        return _last(state, h[0], c[0])
    return Verdict(False, _why(outputs, wanted, cell, x))


def _last(state: Any, h: np.ndarray, c: np.ndarray) -> Verdict:
    if not isinstance(state, tuple) or len(state) != 2:
        return Verdict(
            False, "The hidden states are right. The last state must be the pair (h, c)."
        )
    if all(np.allclose(one, two, atol=1e-10) for one, two in zip(state, (h, c), strict=True)):
        return Verdict(True, "All hidden states and the last state are those of the layer.")
    return Verdict(False, "The hidden states are right, but the last state is not the layer's.")


def _why(outputs: np.ndarray, wanted: np.ndarray, cell: LSTMCell, x: np.ndarray) -> str:
    """The hint for a typical mistake."""
    alone = np.stack([cell(x_t)[0] for x_t in x])
    state, cells = None, []
    for x_t in x:
        state = cell(x_t, state)
        cells.append(state[1])
    mistakes = (
        (
            alone,
            "Each of your steps begins with an empty memory. Hand the state of one call to the "
            "next: state = cell(x_t, state).",
        ),
        (
            np.stack(cells),
            "You keep c. What a layer shows of its state is h, the first of the two.",
        ),
        (wanted[::-1], "The hidden states are right, but they run backwards in time."),
    )

    def same(wrong: np.ndarray) -> bool:
        return outputs.shape == wrong.shape and np.allclose(outputs, wrong, atol=1e-10)

    if words := typical(mistakes, same):
        return words
    if np.allclose(outputs[0], wanted[0], atol=1e-10):
        return "The first step is right, a later one is not. What does it get as its state?"
    return "The hidden states differ from the layer's from the first step on."


EXERCISES: dict[str, Coding | Prediction] = {
    "lstm/memory-cell/exercise_1": HELD,
    "lstm/memory-cell/exercise_3": Coding(START, check_run),
}
