import numpy as np

from rnn_book import show
from rnn_book.numpy import Dropout

x = np.ones((1000, 1000))
for p in (0.2, 0.5):
    y = Dropout(p, rng=0, dtype="float64")(x)
    show(f"p = {p}: mean, and 1", (round(float(y.mean()), 2), 1.0))
    show(
        f"p = {p}: variance, and p / (1 - p)",
        (round(float(y.var()), 2), p / (1 - p)),
    )
