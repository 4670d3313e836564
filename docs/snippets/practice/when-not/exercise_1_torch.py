import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import GRU, softmax

layer = GRU(4, 4, rng=0, dtype="float64")
for steps in (100, 200):
    x = np.random.default_rng(0).standard_normal((steps, 1, 4))
    x = torch.from_numpy(x)
    output, h = layer(x)
    shares = softmax(x[:, 0] @ x[:, 0].T)
    show(
        f"{steps} steps, attention: numbers", shares.shape[0] * shares.shape[1]
    )
    show(
        "GRU: steps in a row, numbers that are carried",
        (len(output), h.shape[-1]),
    )
