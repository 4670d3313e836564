import numpy as np
import torch

from rnn_book import record_gates, show
from rnn_book.torch import GRU, Cell, Recurrent, sigmoid


class MinGRU(Cell):
    gates, states, recorded, candidate = 2, ("h",), ("z",), True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        z, n = sigmoid(a_x[0]), a_x[1]
        return ((1 - z) * state[0] + z * (candidate_mask * n),), (z,)


x, h = np.random.default_rng(0).standard_normal((4, 1, 3)), np.zeros((1, 1, 2))
step = np.array([[[1e-5, 0.0]]])  # one unit is moved
x, h, step = torch.from_numpy(x), torch.from_numpy(h), torch.from_numpy(step)
layers = (
    Recurrent(MinGRU, 3, 2, rng=0, dtype="float64"),
    GRU(3, 2, rng=0, dtype="float64"),
)
for layer in layers:
    z = record_gates(layer, x)["l0"]["z"][:, 0, 0]
    keep = z if isinstance(layer, GRU) else 1 - z
    measured = (layer(x, h + step)[1] - layer(x, h - step)[1])[0, 0] / 2e-5
    show("product, measured for both units", (keep.prod(), measured))
