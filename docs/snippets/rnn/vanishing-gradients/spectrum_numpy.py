import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

for H in (32, 256):
    W = RNN(1, H, rng=0, dtype="float64").state_dict()["weight_hh_l0"]
    show(f"H = {H}: largest stretch", np.linalg.norm(W, 2))
    show(f"H = {H}: largest eigenvalue", abs(np.linalg.eigvals(W)).max())

d_h = np.random.default_rng(0).standard_normal(256)
sizes = [np.linalg.norm(d_h)]
for _ in range(50):
    d_h = W.T @ d_h  # one linear step back
    sizes.append(np.linalg.norm(d_h))
factors = [(sizes[k] / sizes[0]) ** (1 / k) for k in (1, 5, 20, 50)]
show("factor per step over 1, 5, 20, 50 steps", factors)
