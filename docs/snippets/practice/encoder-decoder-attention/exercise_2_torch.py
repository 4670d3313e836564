import torch

from rnn_book import show
from rnn_book.torch import softmax

rng = torch.Generator().manual_seed(0)
scores = torch.randn(5, generator=rng, dtype=torch.float64)
memory = torch.randn(5, 3, generator=rng, dtype=torch.float64)
weights = softmax(scores.requires_grad_())
(weights @ memory).sum().backward()

with torch.no_grad():
    d_weights = memory.sum(dim=1)
    d_scores = weights * (d_weights - weights @ d_weights)
    show("largest difference", float(abs(d_scores - scores.grad).max()))
    show("sum of the gradient", float(d_scores.sum()))
