import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import RNN

show("1 / sqrt(3)", 3**-0.5)
noise = np.random.default_rng(1).standard_normal((20, 1, 1))
for H in (16, 64, 256):
    layer = RNN(1, H, bias=False, rng=0, dtype="float64")
    norms = [gradient_by_lag(layer, x, rng=0)[20] for x in (0 * noise, noise)]
    factors = [norm ** (1 / 20) for norm in norms]
    show(f"H = {H}: factor per step, silence and noise", factors)
    stretch = np.linalg.norm(layer.state_dict()["weight_hh_l0"], 2)
    show(f"H = {H}: largest stretch", stretch)
