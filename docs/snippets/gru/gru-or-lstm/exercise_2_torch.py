from math import sqrt

from rnn_book import show
from rnn_book.torch import GRU, LSTM


def count(layer):
    return sum(len(value.ravel()) for value in layer.state_dict().values())


for i, h, factor in ((1, 400, sqrt(4 / 3)), (4000, 3, 4 / 3)):
    wide = round(factor * h)
    ratio = count(GRU(i, wide, rng=0)) / count(LSTM(i, h, rng=0))
    show(f"I={i}, H={h}, GRU {wide}: ratio of parameters", ratio)
