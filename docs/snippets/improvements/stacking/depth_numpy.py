import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.random.default_rng(0).standard_normal((50, 1, 16))
layers = [LSTM(16, 16, rng=k, dtype="float64") for k in range(6)]
found = {}
for name, around in {"plain": 0.0, "residual": 1.0}.items():
    signal, gradient, h = [], [], x
    for layer in layers:
        h = layer(h)[0] + around * h
        late = h[20:]  # when the start is forgotten
        signal.append(1000 * late.std(axis=0).mean())
    d = 0 * h
    d[-1] = 1.0  # ask for the sum of the top layer's last state
    for layer in reversed(layers):
        d = layer.backward(d)[0] + around * d
        gradient.append(1000 * (d**2).sum() ** 0.5)
    found[name] = signal, gradient
    show(f"{name}: signal", [round(float(a), 1) for a in signal])
    show(f"{name}: gradient", [round(float(a), 1) for a in gradient])
