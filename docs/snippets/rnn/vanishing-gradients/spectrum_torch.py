import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN

for H in (32, 256):
    W = RNN(1, H, rng=0, dtype="float64").state_dict()["weight_hh_l0"]
    show(f"H = {H}: largest stretch", torch.linalg.norm(W, 2))
    show(f"H = {H}: largest eigenvalue", abs(torch.linalg.eigvals(W)).max())

d_h = torch.from_numpy(np.random.default_rng(0).standard_normal(256))
sizes = [torch.linalg.norm(d_h)]
for _ in range(50):
    d_h = W.T @ d_h  # one linear step back
    sizes.append(torch.linalg.norm(d_h))
factors = [(sizes[k] / sizes[0]) ** (1 / k) for k in (1, 5, 20, 50)]
show("factor per step over 1, 5, 20, 50 steps", [float(f) for f in factors])
