import torch

from rnn_book import show
from rnn_book.torch import softmax

generator = torch.Generator().manual_seed(0)
options = {"generator": generator, "dtype": torch.float64}
scores = torch.randn(5, **options).requires_grad_()
memory = torch.randn(5, 3, **options)
weights = softmax(scores)
(weights @ memory).sum().backward()

with torch.no_grad():
    d_weights = memory.sum(dim=1)
    d_scores = weights * (d_weights - weights @ d_weights)
    show("largest difference", float(abs(d_scores - scores.grad).max()))
    show("sum of the gradient", float(d_scores.sum()))
