import torch

from rnn_book import record_gates, show
from rnn_book.torch import example, tanh

layer, x = example.layer(), example.sequence()[:6]
W_x, W_h, _, _ = layer.state_dict().values()
gates = record_gates(layer, x)["l0"]
i, f, g, o, c = (torch.tensor(gates[name]) for name in "ifgoc")
c_old = torch.cat([0 * c[:1], c[:-1]])
slope = torch.cat([i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)], -1)

d_output = x.new_zeros((6, 1, 2))
d_output[5, 0, 0] = 1.0  # from above, only the keeper's answer counts
d_h, d_c, d_W_x, trail = 0 * c[0], 0 * c[0], 0 * W_x, x.new_zeros((6, 2))
for t in reversed(range(6)):
    d_h = d_h + d_output[t]
    d_c = d_c + d_h * o[t] * (1 - tanh(c[t]) ** 2)
    trail[t] = torch.stack((d_h[0, 0], d_c[0, 0]))
    d_gates = d_c * g[t], d_c * c_old[t], d_c * i[t], d_h * tanh(c[t])
    d_a = torch.cat(d_gates, -1) * slope[t]
    d_W_x += d_a.T @ x[t]  # the same weights at every step
    d_h, d_c = d_a @ W_h, d_c * f[t]  # to the step before

show("keeper: d_h, d_c by step", trail)
output, _ = layer(x)
output.backward(d_output)
show("d_W_x, and the layer's", [d_W_x[::2, 0], layer.weight_ih_l0.grad[::2, 0]])
