import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, LayerNorm

first = LSTM(3, 16, rng=0, dtype="float64")
norm = LayerNorm(16, dtype="float64")
second = LSTM(16, 16, rng=1, dtype="float64")
x = torch.tensor(np.random.default_rng(1).standard_normal((50, 4, 3)))
between = first(x)[0]
show("without: mean square", (between**2).mean())
between = norm(between)
show("with: mean, mean square", (between.mean(), (between**2).mean()))
show("output", list(second(between)[0].shape))
