import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM, sigmoid

layer = LSTM(2, 1, rng=0, dtype="float64")
weights = layer.state_dict()
for value in weights.values():
    value[:] = 0.0
weights["weight_ih_l0"][0, 1], weights["weight_ih_l0"][2, 0] = 40.0, 0.01
x = np.zeros((100, 1000, 2))  # no mark at all
x[:, :, 0] = np.random.default_rng(0).random((100, 1000))
for shut in (-5.0, -10.0, -20.0):
    for gate, bias in enumerate((shut, 50.0, 0.0, 50.0)):
        weights["bias_ih_l0"][gate] = bias
    layer.load_state_dict(weights)
    _, (h, c) = layer(x)
    derived = 100 * sigmoid(np.array(shut)) / 2
    show(f"bias {shut}: measured, derived", (100.0 * h.mean(), derived))
