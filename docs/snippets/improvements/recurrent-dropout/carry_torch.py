import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import GRU, GRUCell

weights = GRU(1, 4, rng=0, dtype="float64").state_dict()
weights["bias_ih_l0"][4:8] = 50.0  # rows r, z, n: z = 1 keeps everything
layer = GRU(1, 4, recurrent_dropout=0.5, rng=5, dtype="float64")
layer.load_state_dict(weights)
x, h = np.zeros((50, 1, 1)), np.ones((1, 1, 4))
x, h = torch.from_numpy(x), torch.from_numpy(h)
show("h after 50 steps", layer(x, h)[1][0, 0])

mask = layer.last_masks["l0"]["recurrent"]
show("mask", mask[0])
weights["weight_hh_l0"] = 0 * weights["weight_hh_l0"]  # so that z stays 1 below
cell = GRUCell(1, 4, rng=0, dtype="float64")
cell.load_state_dict(
    {name.removesuffix("_l0"): value for name, value in weights.items()}
)
h = h[0]
for t in range(50):
    h = cell(x[t], mask * h)
    if t in (0, 9, 49):
        show(f"masked carry, {t + 1} steps", h[0])
