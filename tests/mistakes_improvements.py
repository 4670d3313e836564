"""Typical mistakes in the exercises on improvements, and words of the hint that each gets."""

LARGEST = "improvements/combining/exercise_3"
NORM = "improvements/layer-normalisation/exercise_3"
SUMMARY = "improvements/bidirectional/exercise_3"
STACKED = "improvements/stacking/exercise_3"
MASKED = "improvements/recurrent-dropout/exercise_3"


def summary(returned):
    return f"""\
import numpy as np
def summary(output, lengths):
    H = output.shape[-1] // 2
    own, rows = np.array(lengths) - 1, np.arange(len(lengths))
    return {returned}
"""


def norm(returned):
    return f"""\
def backward(a, d, eps=1e-5):
    centred = a - a.mean(axis=-1, keepdims=True)
    s = ((centred**2).mean(axis=-1, keepdims=True) + eps) ** 0.5
    n = centred / s
    mean = d.mean(axis=-1, keepdims=True)
    along = (d * n).mean(axis=-1, keepdims=True)
    return {returned}
"""


def largest(condition, returned="hidden"):
    return f"""\
from rnn_book.numpy import LSTM
def count(**sizes):
    return sum(w.size for w in LSTM(3, **sizes, rng=0).state_dict().values())
def largest(budget, **sizes):
    hidden = 1
    while count(hidden_size={condition}:
        hidden += 1
    return {returned}
"""


def stacked(returned):
    return f"def stacked(lower, upper, x, mask):\n    return {returned}\n"


def masked(state, kept="h"):
    return f"""\
def masked(cell, x, mask):
    h = c = 0 * mask
    outputs = []
    for x_t in x:
        h, c = cell(x_t, ({state}))
        outputs.append({kept})
    return outputs
"""


WRONG = [
    (LARGEST, largest("hidden, **sizes) <= budget"), "the first size that does not fit"),
    (LARGEST, largest("hidden + 1, **sizes) < budget"), "to the last parameter"),
    (LARGEST, largest("hidden + 1, **sizes) <= budget", "2 * hidden"), "parameters, and"),
    (LARGEST, largest("hidden + 1, **sizes) <= budget", "hidden // 2"), "Go on counting"),
    (LARGEST, largest("hidden + 1, **sizes) <= budget", "hidden / 1"), "a whole number"),
    (LARGEST, "largest = 3", "a function of budget and sizes"),
    (NORM, norm("d / s"), "As if mean and s were constants"),
    (NORM, norm("(d - mean) / s"), "Now s"),
    (NORM, norm("(d - n * along) / s"), "mean is still missing"),
    (NORM, norm("d - mean - n * along"), "divided by s"),
    (NORM, norm("(d - mean + n * along) / s"), "wrong sign"),
    (NORM, norm("(d - mean - along) / s"), "lost its direction"),
    (NORM, norm("(d - mean - n * 6 * along) / s"), "You take a sum"),
    (NORM, norm("d"), "two properties"),
    (NORM, norm("d[0]"), "shape of a"),
    (NORM, "backward = 3", "a function of a and d"),
    (SUMMARY, summary("output[-1]"), "it is padding"),
    (SUMMARY, summary("output[0]"), "has read one step and no more"),
    (SUMMARY, summary("output[own, rows]"), "ends at step 1"),
    (
        SUMMARY,
        summary("np.concatenate([output[-1, :, :H], output[0, :, H:]], -1)"),
        "own last step",
    ),
    (SUMMARY, summary("np.concatenate([output[0, :, H:], output[own, rows, :H]], -1)"), "order"),
    (SUMMARY, summary("output[1]"), "Where does each direction stop"),
    (SUMMARY, summary("output"), "(N, 2H)"),
    (SUMMARY, "summary = 3", "a function of output and lengths"),
    (STACKED, stacked("lower(x)[0]"), "lower layer alone"),
    (STACKED, stacked("mask * lower(x)[0]"), "upper layer has to read"),
    (STACKED, stacked("upper(lower(x)[0])[0]"), "mask does nothing yet"),
    (STACKED, stacked("mask * upper(lower(x)[0])[0]"), "belongs below"),
    (STACKED, stacked("upper(lower(mask * x)[0])[0]"), "One floor higher"),
    (STACKED, stacked("lower(mask * upper(x)[0])[0]"), "swapped"),
    (STACKED, stacked("upper(mask * lower(x)[0])"), "returns a pair"),
    (STACKED, stacked("3 * x"), "What does the upper layer read?"),
    (STACKED, "stacked = 3", "a function of lower, upper"),
    (MASKED, masked("h, c"), "The mask does nothing yet"),
    (MASKED, masked("mask * h, mask * c"), "You mask c as well"),
    (MASKED, masked("h, mask * c"), "where it enters the cell"),
    (MASKED, masked("mask * h, c", kept="mask * h"), "what you return, too"),
    (MASKED, masked("h, c", kept="mask * h"), "dropout between layers"),
    (MASKED, masked("0 * h, c"), "get as its h"),
    (MASKED, masked("1 + h, c"), "Even the first step"),
    (MASKED, masked("h, c", kept="h[0]"), "must have the shape"),
    (MASKED, "def masked(cell, x, mask):\n    return x[:2]", "must return 6 hidden states"),
    (MASKED, "masked = 3", "a function of cell, x and mask"),
]
