import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.zeros((7, 2, 8))
layer = LSTM(8, 5, num_layers=3, bidirectional=True, rng=0, dtype="float64")
output, (h, c) = layer(x)
show("output", tuple(output.shape))
show("h", tuple(h.shape))
for k in range(3):
    show(f"weight_ih_l{k}", tuple(layer.state_dict()[f"weight_ih_l{k}"].shape))
