import numpy as np

from rnn_book import show
from rnn_book.numpy import Dropout, LockedDropout

symbols = np.array([2, 0, 1, 2, 2, 0])  # six steps, a vocabulary of three
ones = np.ones((6, 1, 4))  # a vector of four numbers per step
for name, module in {
    "anew at every step": Dropout(0.5, rng=1, dtype="float64"),
    "one for all steps": LockedDropout(0.5, rng=1, dtype="float64"),
}.items():
    show(name, 1 * (module(ones)[:, 0] > 0).T)
by_symbol = Dropout(0.5, rng=0, dtype="float64")(np.ones((3, 1)))
kept = 0 * ones[:, 0] + by_symbol[symbols]
show("by symbol", 1 * (kept > 0).T)
