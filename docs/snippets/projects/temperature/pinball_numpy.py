import numpy as np

from rnn_book import show


def pinball(q, forecast, truth):
    miss = truth - forecast
    return np.maximum(q * miss, (q - 1) * miss).mean()


changes = np.random.default_rng(0).normal(0.0, 4.0, 5000)
tried = np.linspace(-10, 10, 2001)
for q in (0.1, 0.5, 0.9):
    losses = [pinball(q, forecast, changes) for forecast in tried]
    best = tried[np.argmin(losses)]
    show(f"best forecast for q = {q}", best)
    show("    share of changes below it", (changes < best).mean())
