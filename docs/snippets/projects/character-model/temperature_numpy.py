import numpy as np

from rnn_book import show
from rnn_book.numpy import softmax

scores = np.log([0.6, 0.3, 0.1])
for temperature in (2.0, 1.0, 0.5, 0.1):
    show(f"at {temperature}", softmax(scores / temperature))
