import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN, tanh

layer = RNN(3, 4, rng=0, dtype="float64")
W_hx, W_hh, b_ih, b_hh = layer.state_dict().values()
for name, value in layer.state_dict().items():
    show(f"shape of {name}", tuple(value.shape))

x = np.random.default_rng(1).standard_normal((5, 2, 3))
h = np.zeros((2, 4))
for x_t in x:
    h = tanh(x_t @ W_hx.T + h @ W_hh.T + b_ih + b_hh)

output, state = layer(x)
show("h after the loop", h)
show("output[-1]", output[-1])
