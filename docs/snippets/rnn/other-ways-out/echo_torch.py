import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN

rng = np.random.default_rng(0)
x = torch.from_numpy(rng.uniform(-0.5, 0.5, (3000, 1, 1)))
noise = 0.001 * torch.from_numpy(rng.standard_normal((3000, 100)))
layer = RNN(1, 100, bias=False, rng=0, dtype="float64")
weights = {name: value.clone() for name, value in layer.state_dict().items()}
W = weights["weight_hh_l0"]
W = W / abs(torch.linalg.eigvals(W)).max()
delays = [1, 5, 10, 20, 40]
for radius in (0.5, 0.9, 0.99):
    layer.load_state_dict({**weights, "weight_hh_l0": radius * W})
    # the echo of the input in 100 fixed units
    h = layer(x)[0][:, 0].detach() + noise
    scores = []
    for delay in delays:
        echo, wanted = h[100:], x[100 - delay : 3000 - delay, 0]
        readout = torch.linalg.lstsq(echo[:1900], wanted[:1900]).solution
        error = echo[1900:] @ readout - wanted[1900:]  # on the test part
        explained = 1 - (error**2).mean() / wanted[1900:].var(correction=0)
        scores.append(float(explained))
    show(f"radius {radius}: share explained", np.round(scores, 3))
