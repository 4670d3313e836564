import numpy as np

from rnn_book import show
from rnn_book.numpy import LayerNormLSTM, sigmoid, tanh


def normalise(a):
    centred = a - a.mean(axis=-1, keepdims=True)
    return centred / ((centred**2).mean(axis=-1, keepdims=True) + 1e-5) ** 0.5


layer = LayerNormLSTM(3, 4, rng=0, dtype="float64")
x, h, c = np.split(
    np.random.default_rng(1).standard_normal((2, 11)), [3, 7], axis=-1
)
W_x, W_h, b_x, b_h, *_ = layer.state_dict().values()

# (N, 4H); the gains of a fresh layer are 1
a = normalise(x @ W_x.T) + b_x + normalise(h @ W_h.T) + b_h
for row in normalise(x @ W_x.T):
    show("mean, mean square", (row.mean(), (row**2).mean()))
i, f, g, o = (a[:, k : k + 4] for k in (0, 4, 8, 12))
c_new = sigmoid(f) * c + sigmoid(i) * tanh(g)
h_new = sigmoid(o) * tanh(normalise(c_new))

output, (_, carried) = layer(x[None], (h[None], c[None]))
show("h as the layer's", abs(output[0] - h_new).max() < 1e-12)
show("c as the layer's", abs(carried[0] - c_new).max() < 1e-12)
