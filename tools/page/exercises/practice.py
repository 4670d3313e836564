"""Exercises of the pages on using the layers, shapes of tasks, and when not to use one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnn_book import record_gates
from rnn_book.numpy import LSTM
from tools.page.exercises.kinds import Choice, Coding, Prediction, Verdict, need, typical

HALF_LIVES = """\
from math import log

from rnn_book import record_gates, show
from rnn_book.numpy import LSTM, example


def half_lives(layer, x):
    f = record_gates(layer, x)["l0"]["f"]  # (T, N, H)
    return [0.0] * f.shape[2]  # yours: after how many steps half is gone


x = example.sequence()
for bias in (0.0, 2.0, 4.0):
    layer = LSTM(1, 4, forget_bias=bias, rng=0, dtype="float64")
    show(f"forget bias {bias}: half-lives", half_lives(layer, x))
"""

READ = """\
import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM


def read(layer, pieces):
    outputs = []
    for piece in pieces:
        outputs.append(0.0)  # yours: the output of this piece
    return outputs


x = np.random.default_rng(0).standard_normal((10, 1, 3))
layer = LSTM(3, 4, rng=0, dtype="float64")
whole, _ = layer(x)
begin = 0
for output, length in zip(read(layer, np.split(x, [1, 5, 7])), (1, 4, 2, 3)):
    error = abs(output - whole[begin : begin + length]).max()
    show(f"{length} steps from {begin}: largest difference", error)
    begin += length
"""

LINEAR = """\
import numpy as np

from rnn_book import show
from rnn_book.numpy import mean_squared_error

rng = np.random.default_rng(0)
series = np.sin(0.3 * np.arange(2000)) + rng.normal(0, 0.1, 2000)
windows = np.lib.stride_tricks.sliding_window_view(series, 21)
x, y = windows[:, :-1].copy(), windows[:, -1].copy()
train, test = slice(0, 1000), slice(1020, None)  # no window lies in both

weights = np.zeros(20)  # yours: learned from x[train] and y[train]
weights[-1] = 1.0  # until then, the last number again
show("linear", mean_squared_error(x[test] @ weights, y[test]))
show("noise, which nobody can predict", 0.1**2)
"""


def check_half_lives(names: Mapping[str, Any]) -> Verdict:
    """Ask for the half-lives of another layer on other data."""
    half_lives = need(names, "half_lives")
    if not callable(half_lives):
        return Verdict(False, "`half_lives` must be a function of a layer and its input.")
    layer = LSTM(2, 3, forget_bias=1.0, rng=5, dtype="float64")
    x = 2 * np.random.default_rng(5).standard_normal((7, 2, 2))
    gates = record_gates(layer, x)["l0"]["f"]
    f = gates.mean(axis=(0, 1))
    found = np.asarray(half_lives(layer, x), float)
    if found.shape != (3,):
        return Verdict(
            False,
            f"A layer of three units has three half-lives, and yours have the shape {found.shape}. "
            "The mean goes over steps and sequences, the first two axes.",
        )
    if np.allclose(found, -math.log(2) / np.log(f)):
        return Verdict(True, "Each unit has its own, and every 2 on the bias makes them longer.")
    mistakes = (
        (math.log(2) / np.log(f), "Right in size, but negative: the logarithm of a share is."),
        (-1 / np.log(f), "After that many steps 1/e is left, 37 %. You need the share one half."),
        (
            1 / (1 - f),
            "That would be the time if each step took the same away, 1 - f of the start. It takes "
            "1 - f of what is left, so that the share after k steps is f to the power of k.",
        ),
        (
            0.5 / (1 - f),
            "Half of 1 / (1 - f) takes the same amount away at each step. But what is left "
            "shrinks, and so does what is taken: solve f to the power of k = 1/2.",
        ),
        (
            (-math.log(2) / np.log(gates)).mean(axis=(0, 1)),
            "You average half-lives, of which a single step with an open gate makes a huge one. "
            "Average the gate first.",
        ),
        (
            -math.log(2) / np.log(gates[-1].mean(axis=0)),
            "These are the gates of the last step alone. Average over all steps.",
        ),
        (f, "That is the mean of each gate. How often can you multiply by it until half is left?"),
    )
    words = typical(mistakes, lambda wrong: np.allclose(found, wrong))
    words = words or "For a gate f, find the number k at which f to the power of k is 1/2."
    return Verdict(False, words)


def check_read(names: Mapping[str, Any]) -> Verdict:
    """Read a sequence in pieces, and compare with one call."""
    read = need(names, "read")
    if not callable(read):
        return Verdict(False, "`read` must be a function of a layer and a list of pieces.")
    x = np.random.default_rng(7).standard_normal((9, 2, 2))
    layer = LSTM(2, 3, rng=7, dtype="float64")
    whole, _ = layer(x)
    pieces = np.split(x, [3, 4])
    found = read(layer, pieces)
    if not isinstance(found, list | tuple) or len(found) != 3:
        return Verdict(False, "`read` must return a list with one output per piece.")
    shapes = [getattr(one, "shape", None) for one in found]
    if shapes != [(len(piece), 2, 3) for piece in pieces]:
        return Verdict(
            False,
            "The output of a piece has the shape (steps, sequences, units). A layer returns it as "
            "the first of two things.",
        )
    if np.allclose(np.concatenate(found), whole, atol=1e-12):
        return Verdict(True, "Nobody can tell from the outputs where the text was cut.")
    if np.allclose(np.concatenate(found), np.concatenate([layer(one)[0] for one in pieces])):
        return Verdict(
            False,
            "Right until the first piece ends. Then each piece begins with an empty memory, as if "
            "it were a text of its own. Hand the layer the state that it returned before.",
        )
    if np.allclose(found[0], whole[:3]):
        return Verdict(
            False,
            "The first piece is right and the others aren't. Each begins with the state at the "
            "end of the piece just before it.",
        )
    return Verdict(False, "Even the first piece differs from the beginning of the whole text.")


def _windows(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The exercise's windows and targets, with the noise of this seed."""
    noise = np.random.default_rng(seed).normal(0, 0.1, 2000)
    windows = np.lib.stride_tricks.sliding_window_view(np.sin(0.3 * np.arange(2000)) + noise, 21)
    return windows[:, :-1], windows[:, -1]


def check_linear(names: Mapping[str, Any]) -> Verdict:
    """Let the weights predict the same sine with another noise."""
    weights = np.asarray(need(names, "weights"), float)
    if weights.shape not in ((20,), (20, 1)):
        return Verdict(
            False,
            f"There must be 20 weights, one per number of the window; {weights.shape} is the shape "
            "of yours.",
        )
    weights = weights.reshape(20)
    x, y = _windows(1)

    def error(these: np.ndarray) -> float:
        return float(np.mean((x @ these - y) ** 2))

    first_x, first_y = _windows(0)
    if np.allclose(weights, np.linalg.lstsq(first_x, first_y, rcond=None)[0]):
        return Verdict(
            False,
            "These weights have seen the test windows, which were to be kept for the end. Learn "
            "from x[train] and y[train] alone.",
        )
    if error(weights) < 0.0125:
        return Verdict(
            True,
            f"On the same sine with fresh noise its error is {error(weights):.4f}, close to the "
            "0.01 that is noise. There is hardly anything left for a network.",
        )
    if np.allclose(weights, np.eye(20)[-1]):
        return Verdict(False, "That is persistence, which says that the last number comes again.")
    if np.allclose(weights[-2:], [-1, 2 * math.cos(0.3)]) and not weights[:-2].any():
        return Verdict(
            False,
            "That rule is exact for a sine without noise. Here it multiplies the noise of two "
            "numbers as well. Least squares on all twenty averages the noise away.",
        )
    return Verdict(
        False,
        f"On the same sine with fresh noise the error is {error(weights):.4f}; least squares on "
        "a thousand windows comes below 0.0125.",
    )


LONGER = Prediction(
    question="The sequence becomes twice as long. What happens to attention's table of scores, to "
    "the steps that a GRU makes one after the other, and to the state that it carries?",
    choices=(
        Choice(
            "Four times the table, twice the steps, the same state.",
            "Every step is compared with every step, so the table grows with the square. The GRU "
            "makes one step after the other and overwrites its state.",
        ),
        Choice(
            "Twice the table, twice the steps, the same state.",
            "Twice as many steps are compared, and each with twice as many: the table has an entry "
            "for each pair.",
        ),
        Choice(
            "Four times the table, twice the steps, twice the state.",
            "A state that grew with the past would be a record of it. A recurrent layer has to fit "
            "any past into the same few numbers, which is its strength and its limit.",
        ),
        Choice(
            "Four times the table, the same steps, the same state.",
            "A GRU cannot make two steps at once, because each needs the state of the one before.",
        ),
    ),
    order=(1, 3, 0, 2),
)

EXERCISES: dict[str, Coding | Prediction] = {
    "practice/when-not/exercise_1": LONGER,
    "practice/using-the-layers/exercise_3": Coding(HALF_LIVES, check_half_lives),
    "practice/task-shapes/exercise_3": Coding(READ, check_read),
    "practice/when-not/exercise_3": Coding(LINEAR, check_linear),
}
