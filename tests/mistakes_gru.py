"""Typical mistakes in the GRU's exercises, and what their hints must say."""

AVERAGE = "gru/gru-cell/exercise_3"
SWITCH = "gru/reset-gate-and-candidate/exercise_3"
KERAS = "gru/reset-before-or-after/exercise_3"
KEEP = "gru/gru-or-lstm/exercise_3"


def gru(w_x=(0, 0, 0), w_h=(0, 0, 0), b=(0, 0, 0)):
    return f"""\
from math import log
import numpy as np
from rnn_book.numpy import GRU
layer = GRU(1, 1, rng=0, dtype="float64")
weights = {{name: 0.0 * value for name, value in layer.state_dict().items()}}
weights["weight_ih_l0"][:, 0] = {w_x}
weights["weight_hh_l0"][:, 0] = {w_h}
weights["bias_ih_l0"][:] = {b}
layer.load_state_dict(weights)
"""


def keras(kernel="W_x[order].T", recurrent="W_h[order].T", bias="np.stack([b_x, b_h])[:, order]"):
    return f"""\
import numpy as np
from rnn_book.numpy import example
W_x, W_h, b_x, b_h = example.gru_layer().state_dict().values()
order = [2, 3, 0, 1, 4, 5]
kernel, recurrent, bias = {kernel}, {recurrent}, {bias}
"""


def keep(*lines, returned="layer"):
    body = "".join(f"    {line}\n" for line in lines)
    return f"""\
def keep(layer, bias):
    weights, h = layer.state_dict(), layer.hidden_size
    b_x, b_h = weights["bias_ih_l0"], weights["bias_hh_l0"]
{body}    layer.load_state_dict(weights)
    return {returned}
"""


RIGHT = "b_x[h : 2 * h], b_h[h : 2 * h] = bias, 0"
FLIP = {"w_x": (0, -16, 0), "b": (50, 8, 0)}  # keeps at 0, replaces at 1, hears the state


WRONG = [
    (AVERAGE, gru((0, 0, 0.001), b="(0, -log(9), 0)"), "turned round"),
    (AVERAGE, gru((0, 0, 0.001)), "sigmoid is 0.9"),
    (AVERAGE, gru((0, 0, 1), b="(0, log(9), 0)"), "pass unbent"),
    (AVERAGE, gru((0, 0, 0.001), b=(0, 0.9, 0)), "0.711"),
    (AVERAGE, gru((0, 0, 0.002), b="(0, log(9), 0)"), "what is poured in"),
    (AVERAGE, "layer = 3", "must be a GRU with one input"),
    (SWITCH, gru(), "its bias is positive"),
    (SWITCH, gru(b=(50, 8, 0)), "At x = 1 nothing changes"),
    (SWITCH, gru(**FLIP, w_h=(0, 0, -1)), "wears out"),
    (SWITCH, gru(w_x=(0, -16, -3), b=(-50, 8, 0)), "does not hear"),
    (SWITCH, gru(**FLIP, w_h=(0, 0, 0.5)), "into its opposite"),
    (KERAS, keras(kernel="W_x[order]"), "must have the shape (1, 6)"),
    (KERAS, keras(recurrent="W_h.T"), "its blocks are still"),
    (KERAS, keras(bias="np.stack([b_h, b_x])[:, order]"), "the input's comes first"),
    (KERAS, keras(bias="np.stack([b_x, b_h])[:, [2, 0, 3, 1, 4, 5]]"), "do they stay together"),
    (KERAS, keras(recurrent="2 * W_h[order].T"), "but other numbers"),
    (KEEP, keep("b_x[h : 2 * h] = b_h[h : 2 * h] = bias"), "the total is twice it"),
    (KEEP, keep("b_x[h : 2 * h] = bias"), "random numbers"),
    (KEEP, keep("b_x[:h], b_h[:h] = bias, 0"), "you change [0, 1, 2]"),
    (KEEP, keep(RIGHT, "b_x[0] = 1"), "others changed too"),
    (KEEP, keep(RIGHT, returned="None"), "must return the layer"),
]
