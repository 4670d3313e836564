from math import atanh

import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import PeepholeLSTM

layer = PeepholeLSTM(1, 1, rng=0, dtype="float64")
weights = {name: 0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][:] = np.array([50, 110, atanh(0.1), -110])  # i, f, g, o
x = np.zeros((14, 1, 1))  # nothing ever comes in
for name, peepholes in (
    ("with peepholes", [0, -200, 200]),
    ("without", [0, 0, 0]),
):
    weights["weight_peephole_l0"][:] = np.array(peepholes)  # i, f, o
    layer.load_state_dict(weights)
    gates = record_gates(layer, x)["l0"]
    show(f"{name}: c", gates["c"][:, 0, 0])
    show(f"{name}: h", gates["h"][:, 0, 0])
