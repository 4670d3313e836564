import numpy as np

from rnn_book import show
from rnn_book.numpy import example

layer = example.layer()
unmarked = example.sequence([0.2, 0.0, -0.2, 0.1, -0.1, -1.0])
zeros = np.zeros((1, 1, 2))  # layers, sequences, units
marked = np.array([[[0.97, 0.0]]])  # as if the keeper had seen a mark
for name, start in {"none": None, "zeros": (zeros, zeros)}.items():
    output, _ = layer(unmarked, start)
    show(f"{name}: the keeper's answer", output[-1, 0, 0])
output, _ = layer(unmarked, (zeros, marked))
show("c = 0.97: the keeper's answer", output[-1, 0, 0])
