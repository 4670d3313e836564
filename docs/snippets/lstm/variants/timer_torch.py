from math import atanh

import torch

from rnn_book import record_gates, show
from rnn_book.torch import PeepholeLSTM

layer = PeepholeLSTM(1, 1, rng=0, dtype="float64")
weights = {name: 0 * value for name, value in layer.state_dict().items()}
biases = [50, 110, atanh(0.1), -110]  # i, f, g, o
weights["bias_ih_l0"][:] = torch.tensor(biases)
x = torch.zeros(14, 1, 1).double()  # nothing ever comes in
for name, size in {"with peepholes": 200, "without": 0}.items():
    peepholes = [0, -size, size]  # i, f, o
    weights["weight_peephole_l0"][:] = torch.tensor(peepholes)
    layer.load_state_dict(weights)
    gates = record_gates(layer, x)["l0"]
    show(f"{name}: c", gates["c"][:, 0, 0])
    show(f"{name}: h", gates["h"][:, 0, 0])
