import torch

from rnn_book import record_gates, show
from rnn_book.torch import example, tanh

x = example.sequence()
gates = record_gates(example.layer(), x)["l0"]
i, f, g, o, c = (torch.tensor(gates[name][5]) for name in "ifgoc")  # step 6
h_old, c_old = (torch.tensor(gates[name][4]) for name in "hc")

d_h = torch.tensor([[1.0, 0.0]], dtype=x.dtype)  # of the keeper's answer
d_o = d_h * tanh(c)
d_c = d_h * o * (1 - tanh(c) ** 2)
d_f, d_i, d_g = d_c * c_old, d_c * g, d_c * i
show("keeper: d_c, d_c * f", (d_c[0, 0], (d_c * f)[0, 0]))
show("keeper: d_i, d_f, d_g, d_o", [d[0, 0] for d in (d_i, d_f, d_g, d_o)])

d_a = [
    d_i * i * (1 - i),
    d_f * f * (1 - f),
    d_g * (1 - g**2),
    d_o * o * (1 - o),
]
show("keeper: before sigmoid and tanh", [d[0, 0] for d in d_a])

cell = example.cell()
h, _ = cell(x[5], (h_old, c_old))
h.backward(d_h)
show("by autograd, or by the cell", cell.bias_ih.grad[::2])
