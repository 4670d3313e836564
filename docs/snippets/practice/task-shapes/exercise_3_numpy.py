import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM


def read(layer, pieces):
    outputs, state = [], None
    for piece in pieces:
        output, state = layer(piece, state)
        outputs.append(output)
    return outputs


x = np.random.default_rng(0).standard_normal((10, 1, 3))
layer = LSTM(3, 4, rng=0, dtype="float64")
whole, _ = layer(x)
begin = 0
for output in read(layer, np.split(x, [1, 5, 7])):
    end = begin + len(output)
    error = abs(output - whole[begin:end]).max()
    show(f"{len(output)} steps from {begin}: largest difference", error)
    begin = end
