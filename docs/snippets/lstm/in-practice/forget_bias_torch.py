from math import exp

from rnn_book import record_gates, show
from rnn_book.torch import LSTM, example

x = example.sequence()
layer = LSTM(1, 32, rng=0, dtype="float64")
weights = layer.state_dict()
for name in ("bias_ih_l0", "bias_hh_l0"):
    weights[name][32:64] = 1.0  # the rows of f, in both vectors
layer.load_state_dict(weights)
show("1 in both vectors: mean of f", record_gates(layer, x)["l0"]["f"].mean())

layer = LSTM(1, 32, forget_bias=1.0, rng=0, dtype="float64")
show("forget_bias=1.0: mean of f", record_gates(layer, x)["l0"]["f"].mean())
show("sigmoid of 2 and of 1", (1 / (1 + exp(-2)), 1 / (1 + exp(-1))))
