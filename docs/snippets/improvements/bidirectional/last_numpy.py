import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

H = 4
layer = LSTM(3, H, bidirectional=True, rng=1, dtype="float64")
x = np.random.default_rng(1).standard_normal((6, 1, 3))
output, (h, c) = layer(x)
other = 1.0 * x
other[0] += 1.0  # another first step
changed, (h_changed, _) = layer(other)

difference = abs(changed - output)[-1, 0]
show("output[-1], first half: change", difference[:H])
show("output[-1], second half: change", difference[H:])
show("h of the second direction: change", abs(h_changed - h)[1, 0])
apart = abs(output[0, 0, H:] - h[1, 0]).max()
show("h of the second direction, output[0]: apart", apart)
