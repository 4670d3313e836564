import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import CoupledLSTM, tanh

layer = CoupledLSTM(1, 2, rng=0, dtype="float64")
x = np.array([[[0.7]]])  # one step, one sequence, one number
h_old, c_old = np.array([[[0.1, -0.3]]]), np.array([[[0.9, -0.4]]])
gates = record_gates(layer, x, (h_old, c_old))["l0"]
f, g, o, c = (gates[name] for name in "fgoc")

d_c = o * (1 - tanh(c) ** 2)  # the loss is the sum of h
d_f = d_c * (c_old - g)
show("derived", (d_f * f * (1 - f))[0, 0])

output, _ = layer(x, (h_old, c_old))
layer.backward(0 * output + 1)
show("the layer's", layer.grads["bias_ih_l0"][:2])  # rows f, f, g, g, o, o
