import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN, RNNCell

T, N, I, H = 5, 2, 3, 4
x = np.random.default_rng(1).standard_normal((T, N, I))
layer = RNN(I, H, rng=0, dtype="float64")
output, state = layer(x)
for name, value in (("x", x), ("output", output), ("state", state)):
    show(f"shape of {name}", tuple(value.shape))

cell = RNNCell(I, H, rng=0, dtype="float64")  # the same seed, the same weights
h, states = np.zeros((N, H)), []
for x_t in x:
    h = cell(x_t, h)
    states.append(h)
gap = abs(np.stack(states) - output).max()
show("layer and loop agree", bool(gap < 1e-12))
show("state is the last output", bool((state[0] == output[-1]).all()))

longer = np.random.default_rng(2).standard_normal((50, N, I))
show("shape of output, 50 steps", tuple(layer(longer)[0].shape))
