import numpy as np

from rnn_book import show
from rnn_book.numpy import LayerNorm

a, d = np.random.default_rng(1).standard_normal((2, 1, 8))
layer = LayerNorm(8, eps=1e-12, dtype="float64")
layer(a)
d_a = layer.backward(d)
show("d_a", d_a[0])
show("its sum, and its product with a", (d_a.sum(), (d_a * a).sum()))
