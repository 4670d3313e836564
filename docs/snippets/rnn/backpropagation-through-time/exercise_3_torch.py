import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN

rng = np.random.default_rng(0)
shapes = (6, 4, 2), (1, 4, 3)
drawn = [torch.from_numpy(rng.standard_normal(shape)) for shape in shapes]
x, h_0 = (value.requires_grad_() for value in drawn)
layer = RNN(2, 3, rng=0, dtype="float64")
W_hx, W_hh, *_ = layer.state_dict().values()
output, _ = layer(x, h_0)
(output**2).sum().div(2).backward()
output = output.detach()

# The gradient of half the sum of squares of the output is the output.
d_x, d_h = x.new_zeros(x.shape), x.new_zeros(4, 3)
for t in reversed(range(6)):
    d_a = (d_h + output[t]) * (1 - output[t] ** 2)
    d_x[t], d_h = d_a @ W_hx, d_a @ W_hh

show("d_h_0, one row a sequence", d_h)
show("d_x agrees", bool(abs(d_x - x.grad).max() < 1e-12))
show("d_h_0 agrees", bool(abs(d_h - h_0.grad[0]).max() < 1e-12))
