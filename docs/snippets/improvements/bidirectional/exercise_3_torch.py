import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

H, lengths = 4, torch.tensor([6, 3])
layer = LSTM(3, H, bidirectional=True, rng=1, dtype="float64")
x = torch.from_numpy(np.random.default_rng(1).standard_normal((6, 2, 3)))
output, (h, c) = layer(x, lengths=lengths)

last = output[
    lengths - 1, torch.arange(2), :H
]  # the first direction at its end
first = output[0, :, H:]  # the second direction at its end
summary = torch.cat([last, first], dim=-1)
states = torch.cat([h[0], h[1]], dim=-1)
show("shape of the summary", tuple(summary.shape))
show("equal to the final states", bool((summary == states).all()))
alone, (h_alone, _) = layer(x[:3, 1:])
show("the short one alone: apart", abs(h_alone[:, 0] - h[:, 1]).max())
