import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

rng = np.random.default_rng(0)
x = rng.uniform(-0.5, 0.5, (3000, 1, 1))
noise = 0.001 * rng.standard_normal((3000, 100))
layer = RNN(1, 100, bias=False, rng=0, dtype="float64")
weights = layer.state_dict()
W = (
    weights["weight_hh_l0"]
    / abs(np.linalg.eigvals(weights["weight_hh_l0"])).max()
)
delays = [1, 5, 10, 20, 40]
for radius in (0.5, 0.9, 0.99):
    layer.load_state_dict({**weights, "weight_hh_l0": radius * W})
    h = layer(x)[0][:, 0] + noise  # the echo of the input in 100 fixed units
    scores = []
    for delay in delays:
        echo, wanted = h[100:], x[100 - delay : 3000 - delay, 0, 0]
        readout, *_ = np.linalg.lstsq(echo[:1900], wanted[:1900])  # training
        error = echo[1900:] @ readout - wanted[1900:]  # and test
        scores.append(1 - (error**2).mean() / wanted[1900:].var())
    show(f"radius {radius}: share explained", np.round(scores, 3))
