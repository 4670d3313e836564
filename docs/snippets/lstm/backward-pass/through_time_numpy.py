import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import example, tanh

layer, x = example.layer(), example.sequence()[:6]
W_x, W_h, _, _ = layer.state_dict().values()
gates = record_gates(layer, x)["l0"]
i, f, g, o, c = (gates[name] for name in "ifgoc")
c_old = np.concatenate([0 * c[:1], c[:-1]])

d_h, d_c, d_W_x = np.array([[1.0, 0.0]]), 0 * c[0], 0 * W_x
for t in reversed(range(6)):
    d_c = d_c + d_h * o[t] * (1 - tanh(c[t]) ** 2)
    show(f"step {t + 1}: keeper's d_h, d_c", (d_h[0, 0], d_c[0, 0]))
    d_i, d_f, d_g, d_o = d_c * g[t], d_c * c_old[t], d_c * i[t], d_h * tanh(c[t])
    d_a = [d_i * i[t] * (1 - i[t]), d_f * f[t] * (1 - f[t])]
    d_a = np.concatenate([*d_a, d_g * (1 - g[t] ** 2), d_o * o[t] * (1 - o[t])], axis=-1)
    d_W_x += d_a.T @ x[t]  # the same weights at every step
    d_h, d_c = d_a @ W_h, d_c * f[t]  # what leaves for the step before

output, _ = layer(x)
layer.backward(np.concatenate([0 * output[:5], [[[1.0, 0.0]]]]))
show("equal to the gradient of the layer", abs(d_W_x - layer.grads["weight_ih_l0"]).max() < 1e-12)
