import torch

from rnn_book import show, tasks
from rnn_book.torch import LSTM, SGD, Adam, clip_grad_norm

x, sums = map(torch.from_numpy, tasks.adding(20, 32, rng=0))


def moves(kind, rate, limit):  # how far each of 20 updates moves the weights
    layer = LSTM(2, 16, forget_bias=2.0, rng=0, dtype="float64")
    optimiser, found = kind(layer, lr=rate), []
    for _ in range(20):
        output, _ = layer(x)
        error = output[-1, :, 0] - sums.ravel() / 2  # half the sum is right
        optimiser.zero_grad()
        (error**2).mean().backward()
        clip_grad_norm(layer, limit)
        before = [w.detach().clone() for w in layer.parameters()]
        optimiser.step()
        pairs = zip(layer.parameters(), before, strict=True)
        found.append(sum(((w - old) ** 2).sum() for w, old in pairs) ** 0.5)
    return torch.stack(found)


for limit in (float("inf"), 0.1, 0.01):
    show(f"SGD, limit {limit}", moves(SGD, 0.1, limit)[[0, 9, 19]])
    show(f"Adam, limit {limit}", moves(Adam, 0.01, limit)[[0, 9, 19]])
