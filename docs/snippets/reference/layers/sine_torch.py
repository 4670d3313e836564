import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import Cell, Recurrent


class Sine(Cell):
    gates, states = 1, ("h",)

    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        return (torch.sin(a),), (a, h_rec)


x = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 1, 2)))
layer = Recurrent(Sine, 2, 3, bidirectional=True, rng=0, dtype="float64")
output, h = layer(x)
(output * output).sum().backward()
show("output", output[-1, 0])
for name in ("bias_hh_l0", "bias_hh_l0_reverse"):
    show(name, getattr(layer, name).grad)
