import numpy as np

from rnn_book import show
from rnn_book.numpy import LayerNorm


def backward(a, d, eps=1e-5):
    centred = a - a.mean(axis=-1, keepdims=True)
    s = ((centred**2).mean(axis=-1, keepdims=True) + eps) ** 0.5
    n = centred / s
    mean_d = d.mean(axis=-1, keepdims=True)
    along = (d * n).mean(axis=-1, keepdims=True)
    return (d - mean_d - n * along) / s


a, d = np.random.default_rng(1).standard_normal((2, 3, 8))
layer = LayerNorm(8, dtype="float64")
layer(a)
show("difference", abs(backward(a, d) - layer.backward(d)).max())
