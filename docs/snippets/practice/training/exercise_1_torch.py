import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import cross_entropy

mask = np.arange(10)[:, None] < np.array([10, 1])
logits, targets = np.zeros((10, 2, 2)), np.zeros((10, 2), int)
logits = torch.from_numpy(logits).requires_grad_()
cross_entropy(logits, targets, mask).backward()
per_step = logits.grad.clone()
show("mean over steps", -2 * per_step[0, :, 0])

logits.grad = None
losses = [
    cross_entropy(logits[:, n], targets[:, n], mask[:, n]) for n in (0, 1)
]
(sum(losses) / 2).backward()
per_sequence = logits.grad
show("mean over sequences", -2 * per_sequence[0, :, 0])
