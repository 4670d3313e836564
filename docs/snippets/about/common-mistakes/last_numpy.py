import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.random.default_rng(0).standard_normal((20, 1, 3))
# all steps but the last are changed
other = x + np.r_[np.ones(19), 0.0][:, None, None]
layer = LSTM(3, 4, bidirectional=True, rng=0, dtype="float64")
(output, (h, _)), (changed, (h_changed, _)) = layer(x), layer(other)
show("output[-1], backward half", (changed - output)[-1, 0, 4:])
show("h_n, backward", (h_changed - h)[1, 0])
show("output[0], backward half, is h_n", abs(output[0, 0, 4:] - h[1, 0]).max())
