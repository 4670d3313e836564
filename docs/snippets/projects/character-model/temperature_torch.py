import torch

from rnn_book import show
from rnn_book.torch import softmax

scores = torch.log(torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64))
for temperature in (2.0, 1.0, 0.5, 0.1):
    show(f"at {temperature}", softmax(scores / temperature))
