import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM, clip_grad_norm

x = np.random.default_rng(1).standard_normal((100, 4, 3))
layer = LSTM(3, 16, forget_bias=2.0, rng=0, dtype="float64")
weights = layer.state_dict()
W_h = weights["weight_hh_l0"]
for scale in (1, 4, 8):
    layer.load_state_dict({**weights, "weight_hh_l0": scale * W_h})
    layer.zero_grad()
    output, _ = layer(x)
    d_output = 0 * output
    d_output[-1] = 1 / 4
    layer.backward(d_output)
    before = clip_grad_norm(layer, 1.0)
    after = clip_grad_norm(layer, float("inf"))  # only measures
    show(f"W_h times {scale}: norm before, after", (before, after))
