import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import mean_squared_error

rng = np.random.default_rng(0)
series = np.sin(0.3 * np.arange(2000)) + rng.normal(0, 0.1, 2000)
windows = np.lib.stride_tricks.sliding_window_view(series, 21)
x, y = windows[:, :-1].copy(), windows[:, -1].copy()
x, y = torch.from_numpy(x), torch.from_numpy(y)
train, test = slice(0, 1000), slice(1020, None)  # no window lies in both

weights = torch.linalg.lstsq(x[train], y[train, None])[0][:, 0]
show("as the last one", mean_squared_error(x[test, -1], y[test]))
show("linear", mean_squared_error(x[test] @ weights, y[test]))
show("noise, which nobody can predict", 0.1**2)
