import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

T, H = 7, 4
layer = LSTM(3, H, bidirectional=True, rng=1, dtype="float64")
x = np.random.default_rng(1).standard_normal((T, 1, 3))

output, _ = layer(x)
halves = {"first half": slice(0, H), "second half": slice(H, 2 * H)}
seen = {name: np.zeros((T, T)) for name in halves}
for step in range(T):
    other = 1.0 * x
    other[step] += 1.0  # change one step, and see which outputs notice
    change = abs(layer(other)[0] - output)[:, 0]
    for name, half in halves.items():
        for t in range(T):
            seen[name][t, step] = float(change[t, half].max())
for name, table in seen.items():
    show(name, 1 * (table > 0))
