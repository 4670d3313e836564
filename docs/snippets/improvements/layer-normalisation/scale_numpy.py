import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import LSTM, LayerNormLSTM

x = np.random.default_rng(1).standard_normal((50, 4, 3))
for layer_class in (LSTM, LayerNormLSTM):
    layer = layer_class(3, 16, rng=0, dtype="float64")
    for scale in (1, 10, 100):
        f = record_gates(layer, scale * x)["l0"]["f"]
        stuck = 1.0 * ((f < 0.01) | (f > 0.99))
        show(
            f"{layer_class.__name__}, input times {scale}: f, stuck",
            (f[9, 0, 0], stuck.mean()),
        )
