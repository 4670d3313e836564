import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import Cell, Recurrent, sigmoid


class Leaky(Cell):
    gates, states, extra = 1, ("h",), {"leak": 1}
    candidate = True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        (h,) = state
        (k,) = sigmoid(p.leak)
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        n = torch.tanh(a)
        m = candidate_mask
        return (k * h + (1 - k) * (m * n),), (k, h, n, h_rec, m)


x = torch.from_numpy(np.random.default_rng(0).standard_normal((9, 2, 3)))
layer = Recurrent(
    Leaky, 3, 4, recurrent_dropout=0.2, zoneout=0.1, rng=0, dtype="float64"
)
output, h = layer(x, lengths=[9, 5])
(h * h).sum().backward()
show("gradient of leak", layer.leak_l0.grad)
