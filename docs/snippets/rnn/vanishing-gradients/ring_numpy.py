import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import RNN

noise = np.random.default_rng(1).standard_normal((100, 8, 1))
layer = RNN(1, 32, bias=False, rng=0, dtype="float64")
weights = layer.state_dict()
weights["weight_hh_l0"][:] = 0.0
for g in (0.9, 1.0, 1.1, 1.5):
    for unit in range(32):  # a ring: each unit reads its neighbour
        weights["weight_hh_l0"][unit, unit - 1] = g
    layer.load_state_dict(weights)
    sizes = [gradient_by_lag(layer, x, rng=0)[100] for x in (0 * noise, noise)]
    show(f"g = {g}: log10 at lag 100, silence and noise", np.log10(sizes))
