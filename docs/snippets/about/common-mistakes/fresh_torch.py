import numpy as np
import torch

from rnn_book import gradient_by_lag, show
from rnn_book.torch import LSTM, RNN

x = np.random.default_rng(0).standard_normal((100, 8, 4))
x = torch.from_numpy(x)
layers = {
    "RNN": RNN(4, 32, rng=0, dtype="float64"),
    "LSTM": LSTM(4, 32, rng=0, dtype="float64"),
    "LSTM, forget bias 2": LSTM(4, 32, forget_bias=2.0, rng=0, dtype="float64"),
}
for name, layer in layers.items():
    show(
        f"{name}: log10 at lag 100",
        np.log10(gradient_by_lag(layer, x, rng=0)[100]),
    )
