import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

x = np.random.default_rng(0).standard_normal((8, 1, 2))
layer = RNN(2, 3, rng=0, dtype="float64")
_, state = layer(x)
# Loss: half the sum of squares of the last state.
d_x, _ = layer.backward(None, state)
show("size of d_x_t, t = 1 to 8", (d_x[:, 0] ** 2).sum(axis=-1) ** 0.5)
