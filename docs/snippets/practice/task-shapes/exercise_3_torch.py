import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM


def read(layer, pieces):
    outputs, state = [], None
    for piece in pieces:
        output, state = layer(piece, state)
        outputs.append(output)
    return outputs


x = np.random.default_rng(0).standard_normal((10, 1, 3))
x = torch.from_numpy(x)
layer = LSTM(3, 4, rng=0, dtype="float64")
whole, _ = layer(x)
begin = 0
for output in read(layer, x.split((1, 4, 2, 3))):
    end = begin + len(output)
    error = abs(output - whole[begin:end]).max()
    show(f"{len(output)} steps from {begin}: largest difference", error)
    begin = end
