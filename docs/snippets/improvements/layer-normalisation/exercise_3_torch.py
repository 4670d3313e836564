import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, LayerNorm

rng = np.random.default_rng(0)
options = {"rng": rng, "dtype": "float64"}
first, norm, second = (
    LSTM(3, 16, **options),
    LayerNorm(16, dtype="float64"),
    LSTM(16, 16, **options),
)
x = torch.tensor(np.random.default_rng(1).standard_normal((50, 4, 3)))
between = first(x)[0]
show("without: mean square", (between**2).mean())
show(
    "with: mean, mean square",
    (norm(between).mean(), (norm(between) ** 2).mean()),
)
show("output", list(second(norm(between))[0].shape))
