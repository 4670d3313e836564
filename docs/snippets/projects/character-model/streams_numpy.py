import numpy as np

from rnn_book import show
from rnn_book.datasets import consecutive, streams

text = "the cat sat on the mat, and the dog sat too"
side_by_side = streams(np.array(list(text)), 2)
for inputs, targets in list(consecutive(side_by_side, 6))[:2]:
    for n in range(2):
        show(f"stream {n} reads", "".join(inputs[:, n]))
        show("    and should say", "".join(targets[:, n]))
