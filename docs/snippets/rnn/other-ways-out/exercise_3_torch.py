import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN

T, I, H = 20, 2, 3
x = torch.from_numpy(np.random.default_rng(0).standard_normal((T, 1, I)))
layer = RNN(I, H, bias=False, rng=0, dtype="float64")
W_hx, W_hh = layer.state_dict().values()

h = torch.zeros(H).double()
S = torch.zeros(H, H, H).double()  # S[i, j, k]: how h_i reacts to W_hh[j, k]
for x_t in x[:, 0]:
    direct = torch.eye(H)[:, :, None] * h  # a_i = ... + W_hh[i, k] h_k
    h = torch.tanh(W_hx @ x_t + W_hh @ h)
    S = (1 - h**2)[:, None, None] * (direct + torch.tensordot(W_hh, S, 1))
d_W = torch.tensordot(h, S, 1)  # the loss: half the squares of the last state
show("carried forward", d_W)

_, state = layer(x)
(state**2).sum().div(2).backward()
show("sent backward", layer.weight_hh_l0.grad)
