import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import CoupledLSTM, example

layer = CoupledLSTM(1, 1, rng=0, dtype="float64")
weights = {name: 0 * value for name, value in layer.state_dict().items()}
weights["weight_ih_l0"][:, 0] = np.array([-10, 2, -10])  # f, g, o
weights["bias_ih_l0"][:] = np.array([5, 0, -5])
layer.load_state_dict(weights)

gates = record_gates(layer, example.sequence())["l0"]
for name in "fich":
    show(name, gates[name][:, 0, 0])
