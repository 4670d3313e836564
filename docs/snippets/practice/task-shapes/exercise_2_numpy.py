import math

import numpy as np

from rnn_book import show
from rnn_book.numpy import softmax

logits = np.array([0.0, math.log(3)])
for temperature in (1.0, 0.5, 2.0):
    show(f"temperature {temperature}", softmax(logits / temperature))
