import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU, Adam, Linear, cross_entropy
from rnn_book.numpy import cross_entropy_gradient as d_cross_entropy

numbers = np.random.default_rng(0).standard_normal((13, 64))
answers = (numbers[:-1] + numbers[1:] > 0).astype(int)  # 12 steps
losses = {0: [], 1: []}
for delay in losses:
    x = numbers[: 12 + delay, :, None]
    layer = GRU(1, 16, rng=0, dtype="float64")
    head = Linear(16, 2, rng=1, dtype="float64")
    optimiser = Adam([layer, head], lr=0.05)
    for _ in range(20):
        logits = head(layer(x)[0])[delay:]
        losses[delay].append(cross_entropy(logits, answers))
        optimiser.zero_grad()
        d_logits = np.zeros((12 + delay, 64, 2))
        d_logits[delay:] = d_cross_entropy(logits, answers)
        layer.backward(head.backward(d_logits))
        optimiser.step()
    show(f"delay {delay}: loss, updates 1 and 20", losses[delay][::19])
