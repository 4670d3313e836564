import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import LSTM
from rnn_book.tasks import adding, recall

steps = 100
x, _ = adding(steps, 1000, rng=0)
second = steps - 1 - x[::-1, :, 1].argmax(axis=0)
lags = steps - 1 - second
show("adding: lags of the second mark", (lags.min(), lags.max()))
x, _ = recall(steps, 1000, rng=0)
lags = steps - 1 - (x[:, :, :4].sum(axis=-1) > 0).argmax(axis=0)
show("recall: lags of the symbol", (lags.min(), lags.max()))

layer = LSTM(8, 32, forget_bias=1.0, rng=1, dtype="float64")
norms = gradient_by_lag(layer, x[:, :20], rng=2)
show("gradient at these lags: log10", np.log10(norms[[0, 10, 49, 99]]))
