import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import RNN

T, H = 50, 32
layer = RNN(1, H, rng=0, dtype="float64")
x = np.random.default_rng(1).standard_normal((T, 1, 1))
h = layer(x)[0][:, 0]  # hidden states of all steps, (T, H)
W_hh = layer.state_dict()["weight_hh_l0"]

u = np.random.default_rng(0).standard_normal(H)
d_h = u / np.linalg.norm(u)  # a gradient of length 1 at the last step
sizes = [1.0]
for h_t in h[::-1]:
    J = (1 - h_t**2)[:, None] * W_hh  # diag(1 - h_t^2) W_hh
    d_h = J.T @ d_h
    sizes.append(np.linalg.norm(d_h))

lags = [0, 1, 2, 5, 10, 20, 50]
show("lag", lags)
show("log10, by hand", np.log10(sizes)[lags])
found = gradient_by_lag(layer, x, rng=0)
show("log10, gradient_by_lag", np.log10(found)[lags])
