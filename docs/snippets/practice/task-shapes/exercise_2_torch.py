import math

import torch

from rnn_book import show
from rnn_book.torch import softmax

logits = torch.tensor([0.0, math.log(3)], dtype=torch.float64)
for temperature in (1.0, 0.5, 2.0):
    show(f"temperature {temperature}", softmax(logits / temperature))
