import numpy as np

from rnn_book import show
from rnn_book.numpy import tanh

T, I, H = 4, 2, 3
rng = np.random.default_rng(0)
x, target = rng.standard_normal((T, I)), rng.standard_normal((T, 1))
shapes = (H, I), (H, H), (1, H)
W_hx, W_hh, W_yh = (rng.standard_normal(shape) / 2 for shape in shapes)

h = np.zeros((T + 1, H))  # h[0] is the state before the first step
for t in range(1, T + 1):
    h[t] = tanh(W_hx @ x[t - 1] + W_hh @ h[t - 1])
y = h[1:] @ W_yh.T
show("loss", ((y - target) ** 2).sum() / 2)

d_y, d_a = y - target, np.zeros((T + 2, H))
for t in range(T, 0, -1):
    d_h = W_yh.T @ d_y[t - 1] + W_hh.T @ d_a[t + 1]
    d_a[t] = d_h * (1 - h[t] ** 2)
d_a = d_a[1:-1]
show("d_W_yh", d_y.T @ h[1:])
show("d_W_hh", d_a.T @ h[:-1])
show("d_W_hx", d_a.T @ x)
