from math import log

from rnn_book import record_gates, show
from rnn_book.numpy import LSTM, example


def half_lives(layer, x):
    """After how many steps half of each unit's cell state is gone."""
    f = record_gates(layer, x)["l0"]["f"].mean(axis=(0, 1))
    return [log(2) / -log(share) for share in f]


x = example.sequence()
for bias in (0.0, 2.0, 4.0):
    layer = LSTM(1, 4, forget_bias=bias, rng=0, dtype="float64")
    show(f"forget bias {bias}: half-lives", half_lives(layer, x))
