import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM, sigmoid, tanh

H = 32
layer = LSTM(8, H, forget_bias=3.0, rng=1, dtype="float64")
W_x, W_h, b_x, b_h = layer.state_dict().values()
x = np.random.default_rng(1).standard_normal((100, 10, 8))
places = {
    "tanh, tanh": (tanh, tanh),
    "sigmoid node": (sigmoid, tanh),
    "sigmoid on c": (tanh, sigmoid),
}
for name, (node, squash) in places.items():
    h = c = 0.0 * x[0, :, :1] @ W_h[:1]  # zeros, (N, H)
    for x_t in x:
        a = x_t @ W_x.T + b_x + h @ W_h.T + b_h
        i, f, o = (
            sigmoid(a[:, :H]),
            sigmoid(a[:, H : 2 * H]),
            sigmoid(a[:, 3 * H :]),
        )
        c = f * c + i * node(a[:, 2 * H : 3 * H])
        h = o * squash(c)
    show(f"{name}: c, least, mean, most", (c.min(), c.mean(), c.max()))
    show(f"{name}: h, least, mean, most", (h.min(), h.mean(), h.max()))
