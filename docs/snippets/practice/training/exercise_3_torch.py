import math

import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import GRU, clip_grad_norm


def clip(layer, max_norm):
    grads = [parameter.grad for parameter in layer.parameters()]
    norm = math.sqrt(sum((grad * grad).sum() for grad in grads))
    for grad in grads:
        grad *= min(1.0, max_norm / norm)
    return norm


x = np.random.default_rng(0).standard_normal((9, 4, 3))
x = torch.from_numpy(x)
layer = GRU(3, 5, rng=0, dtype="float64")
output, _ = layer(x)
output.sum().backward()
show("norm", clip_grad_norm(layer, math.inf))
show("ours", clip(layer, 1.0))
show("after", clip(layer, 1.0))
