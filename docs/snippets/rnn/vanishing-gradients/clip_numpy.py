import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN, clip_grad_norm

x = np.random.default_rng(1).standard_normal((100, 1, 1))
layer = RNN(1, 32, bias=False, rng=0, dtype="float64")
weights = layer.state_dict()


def gradient(x, state):
    layer.zero_grad()
    _, last = layer(x, state)
    layer.backward(None, last)  # half the squares of the last state
    return layer.grads["weight_hh_l0"].copy()


for scale in (1.0, 3.0):
    W_hh = scale * weights["weight_hh_l0"]
    layer.load_state_dict({**weights, "weight_hh_l0": W_hh})
    _, state = layer(x[:90])
    recent, whole = gradient(x[90:], state), gradient(x, None)
    early = np.linalg.norm(whole - recent) / np.linalg.norm(whole)
    show(f"scale {scale}: share from before the last ten steps", early)
    before, after = (clip_grad_norm(layer, 1.0) for _ in range(2))
    show(f"scale {scale}: norm before and after clipping", (before, after))
    a, b = whole, layer.grads["weight_hh_l0"]
    cosine = (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)
    show(f"scale {scale}: cosine between the two", cosine)
