import numpy as np

from rnn_book import show
from rnn_book.numpy import softmax

scores = np.log([0.6, 0.3, 0.1])
for temperature in (0.1, 1.0, 10.0, 1000.0):
    p = softmax(scores / temperature)
    show(f"entropy in bits at {temperature}", -(p * np.log2(p)).sum())
show("log2 of 3", np.log2(3))
