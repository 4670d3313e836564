import numpy as np
import torch

from rnn_book import gradient_by_lag, show
from rnn_book.torch import RNN

x = torch.from_numpy(np.random.default_rng(1).standard_normal((100, 8, 16)))
curves = []
for seed in range(10):
    layer = RNN(16, 64, rng=seed, dtype="float64")
    curves.append(gradient_by_lag(layer, x, rng=seed))
curves = np.array(curves)  # (seeds, lags)

factors = (curves[:, 60] / curves[:, 10]) ** (1 / 50)
show("factor per step, ten seeds", np.round(factors, 2))
show("log10 at lag 100", np.round(np.log10(curves[:, 100]), 1))
