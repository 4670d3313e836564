import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import LSTM

x = np.random.default_rng(0).standard_normal((6, 2, 3))
layer = LSTM(3, 4, num_layers=2, rng=0, dtype="float64")

gates = record_gates(layer, x)
show("layers", list(gates))
show("in each", list(gates["l0"]))
show("steps, sequences, units", gates["l1"]["f"].shape)
f = gates["l1"]["f"][:, 0]  # of the upper layer, for the first sequence
show("mean of f, unit by unit", f.mean(axis=0))
show("left after 6 steps", f.prod(axis=0))
