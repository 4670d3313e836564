import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import LSTM, RNN, NoForgetGateLSTM

options = {"rng": 1, "dtype": "float64"}
layers = {
    "RNN": RNN(8, 32, **options),
    "LSTM": LSTM(8, 32, **options),
    "LSTM, forget bias 3": LSTM(8, 32, forget_bias=3.0, **options),
    "no forget gate": NoForgetGateLSTM(8, 32, **options),
}
x = np.random.default_rng(1).standard_normal((200, 4, 8))
for name, layer in layers.items():
    norms = gradient_by_lag(layer, x, rng=2)
    show(name, np.log10(norms[[1, 10, 50, 100, 200]]))
