"""Typical mistakes in the exercises on practice, what their hints must say, and other solutions."""

from tools.page.exercises import EXERCISES

HALF = "practice/using-the-layers/exercise_3"
READ = "practice/task-shapes/exercise_3"
LINEAR = "practice/when-not/exercise_3"


def half(returned, f="gates.mean(axis=(0, 1))"):
    return f"""\
import numpy as np
from rnn_book import record_gates
def half_lives(layer, x):
    gates = record_gates(layer, x)["l0"]["f"]
    f = {f}
    return {returned}
"""


def read(line, returned="outputs"):
    return f"""\
def read(layer, pieces):
    outputs, state, first = [], None, None
    for piece in pieces:
        {line}
        first = first or state
        outputs.append(output)
    return {returned}
"""


def linear(weights):
    return EXERCISES[LINEAR].start + f"weights = {weights}\n"


LEARNED = "np.linalg.lstsq(x[train], y[train], rcond=None)[0]"
ON = "output, state = layer(piece, state)"
WRONG = [
    (HALF, half("np.log(2) / np.log(f)"), "but negative"),
    (HALF, half("-1 / np.log(f)"), "1/e"),
    (HALF, half("1 / (1 - f)"), "of the start"),
    (HALF, half("0.5 / (1 - f)"), "so does what is taken"),
    (HALF, half("(-np.log(2) / np.log(gates)).mean(axis=(0, 1))"), "Average the gate first"),
    (HALF, half("-np.log(2) / np.log(f)", "gates[-1].mean(axis=0)"), "last step alone"),
    (HALF, half("f"), "the mean of each gate"),
    (HALF, half("2 * f"), "f to the power of k is 1/2"),
    (HALF, half("-np.log(2) / np.log(f)", "gates.mean()"), "three half-lives"),
    (HALF, "half_lives = 3", "must be a function"),
    (READ, read("output, state = layer(piece)"), "an empty memory"),
    (READ, read("output, state = layer(piece, first)"), "just before it"),
    (READ, read("output, state = layer(2 * piece, state)"), "Even the first piece"),
    (READ, read("output = layer(piece)"), "the first of two things"),
    (READ, read(ON, "outputs[-1]"), "one output per piece"),
    (READ, "read = 3", "a layer and a list of pieces"),
    (LINEAR, EXERCISES[LINEAR].start, "That is persistence"),
    (LINEAR, linear(LEARNED.replace("[train]", "")), "have seen the test windows"),
    (LINEAR, linear("np.r_[np.zeros(18), -1, 2 * np.cos(0.3)]"), "exact for a sine without noise"),
    (LINEAR, linear("np.full(20, 0.05)"), "least squares on a thousand windows"),
    (LINEAR, linear("np.ones(21)"), "There must be 20 weights"),
]

OTHER_WAYS = [
    (HALF, half("-np.log(2) / np.log(f)")),
    (READ, read(ON, "tuple(outputs)")),
    (LINEAR, linear("np.linalg.lstsq(x[:500], y[:500, None], rcond=None)[0]")),
]
