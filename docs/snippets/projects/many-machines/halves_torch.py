import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, mean_squared_error

rng = np.random.default_rng(0)
x, target = (torch.from_numpy(rng.standard_normal((7, 4, n))) for n in (3, 5))
lstm = LSTM(3, 5, rng=1, dtype="float64")


def gradient(columns):
    lstm.zero_grad()
    output, _ = lstm(x[:, columns])
    mean_squared_error(output, target[:, columns]).backward()
    return lstm.weight_hh_l0.grad.clone()


whole = gradient(slice(0, 4))
first, second = gradient(slice(0, 2)), gradient(slice(2, 4))
show("three entries of the whole batch's gradient", 1000 * whole[0, :3])
show("from its first half", 1000 * first[0, :3])
show("from its second half", 1000 * second[0, :3])
show(
    "mean of the halves = whole",
    torch.allclose((first + second) / 2, whole, atol=1e-14),
)
