import math

import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU, clip_grad_norm


def clip(layer, max_norm):
    grads = list(layer.grads.values())
    norm = math.sqrt(sum((grad * grad).sum() for grad in grads))
    for grad in grads:
        grad *= min(1.0, max_norm / norm)
    return norm


x = np.random.default_rng(0).standard_normal((9, 4, 3))
layer = GRU(3, 5, rng=0, dtype="float64")
output, _ = layer(x)
layer.backward(np.ones_like(output))
show("norm", clip_grad_norm(layer, math.inf))
show("ours", clip(layer, 1.0))
show("after", clip(layer, 1.0))
