import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

x = np.random.default_rng(0).standard_normal((12, 1, 2))
layer = RNN(2, 3, rng=0, dtype="float64")
for window in (12, 4):
    state = None
    for begin in range(0, 12, window):
        # The state comes from the window before, and is taken as given.
        output, state = layer(x[begin : begin + window], state)
    show(f"windows of {window}: last state", output[-1, 0])
    d_x, _ = layer.backward(None, state)  # half the squares of the last state
    sizes = np.zeros(12)
    sizes[-window:] = np.linalg.norm(d_x[:, 0], axis=1)
    show(f"windows of {window}: size of d_x", sizes)
