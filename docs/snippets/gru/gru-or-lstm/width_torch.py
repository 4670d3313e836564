from math import sqrt

from rnn_book import show
from rnn_book.torch import GRU, LSTM


def count(layer):
    return sum(len(value.ravel()) for value in layer.state_dict().values())


def gru_width(i, h):
    """The width at which a GRU has as many parameters as an LSTM of width h."""
    half = (i + 2) / 2
    return round(sqrt(half**2 + 4 / 3 * h * (i + h + 2)) - half)


for h in (32, 64, 128):
    wide = gru_width(10, h)
    pair = count(LSTM(10, h, rng=0)), count(GRU(10, wide, rng=0))
    show(f"LSTM {h}, GRU {wide}: parameters", pair)
