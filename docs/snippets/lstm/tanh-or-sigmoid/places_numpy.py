import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM, sigmoid, tanh

layer = LSTM(8, 32, forget_bias=3.0, rng=1, dtype="float64")
W_x, W_h, b_x, b_h = layer.state_dict().values()
x = np.random.default_rng(1).standard_normal((100, 10, 8))
places = {
    "tanh, tanh": (tanh, tanh),
    "sigmoid node": (sigmoid, tanh),
    "sigmoid on c": (tanh, sigmoid),
}
for name, (node, squash) in places.items():
    h = c = np.zeros((10, 32))
    for x_t in x:
        a = x_t @ W_x.T + b_x + h @ W_h.T + b_h
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
        c = sigmoid(a_f) * c + sigmoid(a_i) * node(a_g)
        h = sigmoid(a_o) * squash(c)
    show(f"{name}: c, least, mean, most", (c.min(), c.mean(), c.max()))
    show(f"{name}: h, least, mean, most", (h.min(), h.mean(), h.max()))
