import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import LSTM, LayerNormLSTM

x = np.random.default_rng(1).standard_normal((50, 4, 3))
layers = {
    "LSTM": LSTM(3, 16, rng=0, dtype="float64"),
    "LayerNormLSTM": LayerNormLSTM(3, 16, rng=0, dtype="float64"),
}
for name, layer in layers.items():
    for scale in (1, 10, 100):
        f = record_gates(layer, scale * x)["l0"]["f"]
        stuck = 1.0 * ((f < 0.01) | (f > 0.99))
        show(f"{name}, input times {scale}: stuck", stuck.mean())
