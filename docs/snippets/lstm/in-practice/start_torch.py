import torch

from rnn_book import show
from rnn_book.torch import example

layer = example.layer()
unmarked = example.sequence([0.2, 0.0, -0.2, 0.1, -0.1, -1.0])
zeros = torch.zeros(1, 1, 2).double()  # layers, sequences, units
marked = torch.tensor([[[0.97, 0.0]]]).double()  # as if it had seen one
for name, start in {"none": None, "zeros": (zeros, zeros)}.items():
    output, _ = layer(unmarked, start)
    show(f"{name}: the keeper's answer", output[-1, 0, 0])
output, _ = layer(unmarked, (zeros, marked))
show("c = 0.97: the keeper's answer", output[-1, 0, 0])
