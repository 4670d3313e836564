import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

T, H, lags = 100, 64, [1, 10, 50, 100]
rng = np.random.default_rng(0)
x = rng.standard_normal((T, 16))
W_x, W_h, *_ = RNN(16, H, rng=0, dtype="float64").state_dict().values()
Q, _ = np.linalg.qr(rng.standard_normal((H, H)))  # keeps every length
ways = {"default": (W_h, 1.0), "orthogonal": (Q, 1.0)}
ways |= {"identity": (np.eye(H), 1.0), "leaky": (W_h, 0.05)}

for name, (W, leak) in ways.items():
    h, steps = np.zeros(H), []
    for x_t in x:
        a = W_x @ x_t + W @ h
        relu = name == "identity"
        new = np.maximum(a, 0) if relu else np.tanh(a)
        slope = new > 0 if relu else 1 - new**2
        h = (1 - leak) * h + leak * new
        steps.append((1 - leak) * np.eye(H) + leak * slope[:, None] * W)
    d_h = [np.ones(H) / H**0.5]  # of length 1
    for J in steps[::-1]:
        d_h.append(J.T @ d_h[-1])
    sizes = np.linalg.norm(d_h, axis=1)
    show(f"{name}: log10 at lags 1, 10, 50, 100", np.log10(sizes[lags]))
