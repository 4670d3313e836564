import numpy as np

from rnn_book import record_gates, show
from rnn_book.grammars import continual_reber
from rnn_book.numpy import LSTM, NoForgetGateLSTM

options = {"rng": 1, "dtype": "float64"}
layers = {
    "with forget gate": LSTM(7, 24, forget_bias=1.0, **options),
    "without": NoForgetGateLSTM(7, 24, **options),
}
x = continual_reber(10000, 1, rng=0).inputs
steps = [9, 99, 999, 9999]
for name, layer in layers.items():
    c = record_gates(layer, x)["l0"]["c"][steps, 0]
    show(f"{name}: mean |c|", abs(c).mean(axis=-1))
    show(
        f"{name}: mean slope of tanh at c", (1 - np.tanh(c) ** 2).mean(axis=-1)
    )
