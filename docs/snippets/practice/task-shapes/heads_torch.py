import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import GRU, Linear

x = np.random.default_rng(0).standard_normal((6, 3, 2))
x = torch.from_numpy(x)
layer = GRU(2, 8, rng=0, dtype="float64")
head = Linear(8, 4, rng=1, dtype="float64")
output, h = layer(x, lengths=[6, 4, 2])
show("many to many", tuple(head(output).shape))
show("many to one", tuple(head(h[-1]).shape))

ends = output[[5, 3, 1], [0, 1, 2]]  # steps 6, 4 and 2
show("h is the last real output", abs(h[-1] - ends).max())
show("output[-1] is not", abs(output[-1]).sum(-1))
