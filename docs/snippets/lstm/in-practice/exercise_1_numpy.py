import numpy as np

from rnn_book import show
from rnn_book.numpy import example

layer = example.layer()
marked = example.sequence([0.2, 1.0, -0.2])
batch = np.concatenate([marked, np.zeros((100, 1, 1))])  # padded with zeros

for name, lengths in (("with lengths", [3]), ("without", None)):
    output, (h, c) = layer(batch, lengths=lengths)
    show(f"{name}: output[-1]", output[-1, 0])
    show(f"{name}: final c", c[0, 0])
