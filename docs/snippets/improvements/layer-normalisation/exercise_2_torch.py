import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LayerNorm

a, d = torch.tensor(np.random.default_rng(1).standard_normal((2, 1, 8)))
layer = LayerNorm(8, eps=1e-12, dtype="float64")
a.requires_grad_()
layer(a).backward(d)
show("d_a", a.grad[0])
show("its sum, and its product with a", (a.grad.sum(), (a.grad * a).sum()))
