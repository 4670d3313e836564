import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

H = 4
x = np.random.default_rng(1).standard_normal((7, 1, 3))
changes = x.copy()
changes[3] += 1.0  # step 4

for layers in (1, 2):
    layer = LSTM(3, H, layers, bidirectional=True, rng=1, dtype="float64")
    moved = abs(layer(changes)[0] - layer(x)[0])[:, 0] > 0
    for name, half in {"first": slice(0, H), "second": slice(H, 2 * H)}.items():
        steps = [t + 1 for t in range(7) if bool(moved[t, half].any())]
        show(f"layers: {layers}, {name} half", steps)
