import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN, sigmoid

layer = RNN(3, 5, rng=1, dtype="float64")
weights = layer.state_dict()
W_x, W_h, b_x, b_h = (value.copy() for value in weights.values())
x = np.random.default_rng(1).standard_normal((20, 4, 3))

h = np.zeros((4, 5))
for x_t in x:  # a layer with the sigmoid
    h = sigmoid(x_t @ W_x.T + b_x + h @ W_h.T + b_h)

weights["weight_ih_l0"][:] = W_x / 2
weights["weight_hh_l0"][:] = W_h / 4
weights["bias_ih_l0"][:] = (b_x + b_h) / 2 + W_h.sum(axis=-1) / 4
weights["bias_hh_l0"][:] = 0.0
layer.load_state_dict(weights)
_, u = layer(x, np.full((1, 4, 5), -1.0))  # h = 0 is u = -1
show("sigmoid layer, last h", h[0])
show("tanh layer, (1 + u) / 2", (1 + u[0, 0]) / 2)
