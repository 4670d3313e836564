import numpy as np
import torch

from rnn_book import show

# the loss that the project trains with
from rnn_book.projects.temperature import network


def pinball(q, forecast, truth):
    miss = truth - forecast
    return torch.maximum(q * miss, (q - 1) * miss).mean()


changes = torch.from_numpy(np.random.default_rng(0).normal(0.0, 4.0, 5000))
tried = torch.linspace(-10, 10, 2001, dtype=torch.float64)
for q in network.QUANTILES:
    losses = torch.stack([pinball(q, forecast, changes) for forecast in tried])
    best = tried[losses.argmin()]
    show(f"best forecast for q = {q}", best)
    show("    share of changes below it", (changes < best).double().mean())
