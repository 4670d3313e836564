import numpy as np
import torch

from rnn_book import gradient_by_lag, show
from rnn_book.torch import RNN

x = torch.from_numpy(np.random.default_rng(1).random((100, 1, 1)))  # positive
layer = RNN(1, 8, nonlinearity="relu", bias=False, rng=0, dtype="float64")
weights = layer.state_dict()
weights["weight_ih_l0"][:] = 1.0
weights["weight_hh_l0"][:] = 0.0
lags = [1, 10, 100]
for w in (0.99, 1.0, 1.01):
    for unit in range(8):
        weights["weight_hh_l0"][unit, unit] = w
    layer.load_state_dict(weights)
    sizes = gradient_by_lag(layer, x, rng=0)
    show(f"w = {w}: at lags 1, 10, 100", sizes[lags])
layer.load_state_dict({**weights, "weight_ih_l0": -weights["weight_ih_l0"]})
show("negative inputs", gradient_by_lag(layer, x, rng=0)[lags])
