import numpy as np

from rnn_book import show
from rnn_book.numpy import Cell, Recurrent, sigmoid


class MinGRU(Cell):
    gates, states = 2, ("h",)
    candidate = True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        a_z, n = a_x
        z = sigmoid(a_z)
        return ((1 - z) * state[0] + z * (candidate_mask * n),), ()


x = np.random.default_rng(0).standard_normal((50, 1, 3))
layer = Recurrent(MinGRU, 3, 4, rng=0, dtype="float64")
output, _ = layer(x)

p = layer.state_dict()
a_x = x @ p["weight_ih_l0"].T + p["bias_ih_l0"]
z, n = sigmoid(a_x[..., :4]), a_x[..., 4:]
kept = np.cumprod(1 - z, axis=0)
at_once = kept * np.cumsum(z * n / kept, axis=0)
show("loop and no loop", abs(output - at_once).max())
