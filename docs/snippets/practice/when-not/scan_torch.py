import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import Cell, Recurrent, sigmoid


class MinGRU(Cell):
    gates, states, candidate = 2, ("h",), True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        z, n = sigmoid(a_x[0]), a_x[1]
        return ((1 - z) * state[0] + z * (candidate_mask * n),), ()


x = np.random.default_rng(0).standard_normal((50, 1, 3))
x = torch.from_numpy(x)
layer = Recurrent(MinGRU, 3, 4, rng=0, dtype="float64")
output, _ = layer(x)

p = layer.state_dict()
a_x = x @ p["weight_ih_l0"].T + p["bias_ih_l0"]
z, n = sigmoid(a_x[..., :4]), a_x[..., 4:]
kept = torch.cumprod(1 - z, dim=0)
at_once = kept * torch.cumsum(z * n / kept, dim=0)
show("loop and no loop", abs(output - at_once).max())
