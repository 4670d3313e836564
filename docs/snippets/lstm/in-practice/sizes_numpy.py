import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM
from rnn_book.weights import to_keras

x = np.random.default_rng(1).standard_normal((7, 5, 3))  # T, N, I
layer = LSTM(3, 4, num_layers=2, rng=0, dtype="float64")
output, (h, c) = layer(x)
show("output", output.shape)
show("h, c", (h.shape, c.shape))

for number in (0, 1):
    named = layer.state_dict().items()
    torch_count = sum(len(w.ravel()) for n, w in named if f"_l{number}" in n)
    keras_count = sum(w.size for w in to_keras(layer, number))
    show(f"layer {number}: in torch, in Keras", (torch_count, keras_count))
