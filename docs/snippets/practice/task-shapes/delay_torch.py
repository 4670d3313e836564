import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import GRU, Adam, Linear, cross_entropy

numbers = np.random.default_rng(0).standard_normal((13, 64))
answers = (numbers[:-1] + numbers[1:] > 0).astype(int)  # 12 steps
for delay in (0, 1):
    x = numbers[: 12 + delay, :, None]
    x = torch.from_numpy(x)
    layer = GRU(1, 16, rng=0, dtype="float64")
    head = Linear(16, 2, rng=1, dtype="float64")
    optimiser, losses = Adam([layer, head], lr=0.05), []
    for _ in range(20):
        output, _ = layer(x)
        logits = head(output)[delay:]
        losses.append(cross_entropy(logits, answers))
        optimiser.zero_grad()
        losses[-1].backward()
        optimiser.step()
    show(f"delay {delay}: loss at steps 1, 20", [losses[0], losses[-1]])
