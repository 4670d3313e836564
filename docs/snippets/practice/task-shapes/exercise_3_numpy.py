import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.random.default_rng(0).standard_normal((10, 1, 3))
layer = LSTM(3, 4, rng=0, dtype="float64")
whole, _ = layer(x)

state, begin = None, 0
for length in (1, 4, 2, 3):
    piece, state = layer(x[begin : begin + length], state)
    error = abs(piece - whole[begin : begin + length]).max()
    show(f"{length} steps from {begin}: largest difference", error)
    begin += length
