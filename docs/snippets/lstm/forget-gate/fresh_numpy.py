from rnn_book import record_gates, show
from rnn_book.numpy import LSTM, example

for bias in (None, 2.0):
    layer = LSTM(1, 32, forget_bias=bias, rng=0, dtype="float64")
    f = record_gates(layer, example.sequence())["l0"]["f"][:, 0]
    show(f"forget_bias={bias}: mean of f", f.mean())
    show(f"forget_bias={bias}: left after 7 steps", f.prod(axis=0).mean())
