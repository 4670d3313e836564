import numpy as np

from rnn_book import show
from rnn_book.numpy import mean_squared_error

rng = np.random.default_rng(0)
series = np.sin(0.3 * np.arange(2000)) + rng.normal(0, 0.1, 2000)
windows = np.lib.stride_tricks.sliding_window_view(series, 21)
x, y = windows[:, :-1].copy(), windows[:, -1].copy()
train, test = slice(0, 1000), slice(1020, None)  # no window lies in both

weights = np.linalg.lstsq(x[train], y[train], rcond=None)[0]
show("as the last one", mean_squared_error(x[test, -1], y[test]))
show("linear", mean_squared_error(x[test] @ weights, y[test]))
show("noise, which nobody can predict", 0.1**2)
