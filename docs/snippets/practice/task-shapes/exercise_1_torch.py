import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, Linear, cross_entropy

x, targets = np.zeros((7, 3, 2)), np.zeros((7, 3), int)
x = torch.from_numpy(x)
layer = LSTM(2, 5, bidirectional=True, rng=0, dtype="float64")
head = Linear(10, 4, rng=1, dtype="float64")
output, _ = layer(x)
logits = head(output)
show("output", tuple(output.shape))
show("weight", tuple(head.state_dict()["weight"].shape))
show("logits", tuple(logits.shape))
show("loss", cross_entropy(logits, targets))
