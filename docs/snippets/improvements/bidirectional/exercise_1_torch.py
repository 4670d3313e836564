import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

H = 4
layer = LSTM(3, H, bidirectional=True, rng=1, dtype="float64")
x = torch.from_numpy(np.random.default_rng(1).standard_normal((7, 1, 3)))
output, _ = layer(x)
changes = x.clone()
changes[3] += 1.0  # step 4
changed, _ = layer(changes)
moved = abs(changed - output)[:, 0] > 0
show("first half moves at steps", torch.nonzero(moved[:, :H].any(-1))[:, 0] + 1)
show(
    "second half moves at steps", torch.nonzero(moved[:, H:].any(-1))[:, 0] + 1
)
