import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import GRU

x = np.random.default_rng(0).standard_normal((6, 3, 2))
x[4:, 1] = x[2:, 2] = np.nan  # whatever stands in the padding
x = torch.from_numpy(x)
layer = GRU(2, 3, rng=0, dtype="float64", bidirectional=True)
output, h = layer(x, lengths=[6, 4, 2])
show("first unit of the output", output[:, :, 0].T)
show("forward: ends at the last real step", h[0, 2] - output[1, 2, :3])
show("backward: ends at the first step", h[1, 2] - output[0, 2, 3:])
show("alone", layer(x[:2, 2:])[1][0, 0] - h[0, 2])
