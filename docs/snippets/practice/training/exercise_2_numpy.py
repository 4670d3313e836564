import math

import numpy as np

from rnn_book import show, tasks
from rnn_book.numpy import GRU, Linear, cross_entropy, mean_squared_error

x, targets = tasks.recall(8, 500, rng=0)
output, _ = GRU(8, 16, rng=0, dtype="float64")(x)
logits = Linear(16, 4, rng=1, dtype="float64")(output[-1])
show("ln 4, fresh network", (math.log(4), cross_entropy(logits, targets)))

x, targets = tasks.adding(8, 500, rng=0)
ones = np.ones_like(targets)
show("1/6, always 1", (1 / 6, mean_squared_error(ones, targets)))
