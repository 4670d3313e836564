import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

rng = np.random.default_rng(0)
x, h_0 = rng.standard_normal((6, 4, 2)), rng.standard_normal((1, 4, 3))
layer = RNN(2, 3, rng=0, dtype="float64")
W_hx, W_hh, *_ = layer.state_dict().values()
output, _ = layer(x, h_0)

# The gradient of half the sum of squares of the output is the output.
d_x, d_h = np.zeros(x.shape), np.zeros((4, 3))
for t in reversed(range(6)):
    d_a = (d_h + output[t]) * (1 - output[t] ** 2)
    d_x[t], d_h = d_a @ W_hx, d_a @ W_hh

expected_x, expected_h = layer.backward(output)
show("d_h_0, one row a sequence", d_h)
show("d_x agrees", bool(abs(d_x - expected_x).max() < 1e-12))
show("d_h_0 agrees", bool(abs(d_h - expected_h[0]).max() < 1e-12))
