import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN

x = torch.from_numpy(np.random.default_rng(0).standard_normal((8, 1, 2)))
x.requires_grad_()
layer = RNN(2, 3, rng=0, dtype="float64")
_, state = layer(x)
# Loss: half the sum of squares of the last state.
(state**2).sum().div(2).backward()
show("size of d_x_t, t = 1 to 8", (x.grad[:, 0] ** 2).sum(axis=-1) ** 0.5)
