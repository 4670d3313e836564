import torch

from rnn_book import record_gates, show
from rnn_book.torch import CoupledLSTM, tanh

layer = CoupledLSTM(1, 2, rng=0, dtype="float64")
# one step, one sequence, one number
x = torch.tensor([[[0.7]]], dtype=torch.float64)
h_old, c_old = x.new_tensor([[[0.1, -0.3]]]), x.new_tensor([[[0.9, -0.4]]])
gates = record_gates(layer, x, (h_old, c_old))["l0"]
f, g, o, c = (torch.tensor(gates[name]) for name in "fgoc")

d_c = o * (1 - tanh(c) ** 2)  # the loss is the sum of h
d_f = d_c * (c_old - g)
show("derived", (d_f * f * (1 - f))[0, 0])

output, _ = layer(x, (h_old, c_old))
output.sum().backward()
show("the layer's", layer.bias_ih_l0.grad[:2])  # rows f, f, g, g, o, o
