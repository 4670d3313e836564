from rnn_book import record_gates, show
from rnn_book.torch import GRU, example, sigmoid, tanh

layer = GRU(1, 2, reset_after=False, rng=0, dtype="float64")
x = example.sequence()
output, z_keeps = layer(x)[0], record_gates(layer, x)["l0"]["z"][:, 0, 0]
W_x, W_h, b_x, b_h = layer.state_dict().values()
for value in (W_x, W_h, b_x, b_h):
    value[2:4] *= -1  # the rows of z

h, b = 0.0 * output[0], b_x + b_h
for t, x_t in enumerate(x):  # the equations of Chung et al.
    a = x_t @ W_x.T + b  # (N, 3H)
    r = sigmoid(a[:, 0:2] + h @ W_h[0:2].T)
    z = sigmoid(a[:, 2:4] + h @ W_h[2:4].T)
    n = tanh(a[:, 4:6] + (r * h) @ W_h[4:6].T)
    h = (1 - z) * h + z * n
    equal = abs(h - output[t]).max() < 1e-12
    show(f"step {t + 1}: z, Chung's z, equal h", (z_keeps[t], z[0, 0], equal))
