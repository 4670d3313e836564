import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

layer = LSTM(5, 8, rng=0, dtype="float64")
weight = layer.parameters["weight_hh_l0"]  # (4H, H)
h = np.random.default_rng(0).standard_normal((3, 8))
forth = np.ascontiguousarray(weight.reshape(4, 8, 8).swapaxes(1, 2))
out = np.empty((4, 3, 8))
np.matmul(h, forth, out=out)
beside = h @ weight.T
show("shape", out.shape)
show("each gate in one piece", [gate.flags.c_contiguous for gate in out])
show(
    "largest difference", abs(out.swapaxes(0, 1).reshape(3, 32) - beside).max()
)
