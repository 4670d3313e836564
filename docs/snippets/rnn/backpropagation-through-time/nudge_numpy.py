import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

x = np.random.default_rng(0).standard_normal((20, 5, 2))
layer = RNN(2, 3, rng=0, dtype="float64")


def loss():
    return (layer(x)[0] ** 2).sum() / 2


output, _ = layer(x)
layer.backward(output)  # the gradient of this loss is the output itself
show("backpropagation", layer.grads["weight_hh_l0"])

slopes, eps = np.zeros((3, 3)), 1e-6
weights = layer.state_dict()
for place in np.ndindex(3, 3):
    start = float(weights["weight_hh_l0"][place])
    for sign in (1, -1):
        weights["weight_hh_l0"][place] = start + sign * eps
        layer.load_state_dict(weights)
        slopes[place] += sign * loss().item() / (2 * eps)
    weights["weight_hh_l0"][place] = start
show("one weight at a time", slopes)
