import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN

T, I, H = 20, 2, 3
x = np.random.default_rng(0).standard_normal((T, 1, I))
layer = RNN(I, H, bias=False, rng=0, dtype="float64")
W_hx, W_hh = layer.state_dict().values()

h = np.zeros(H)
S = np.zeros((H, H, H))  # S[i, j, k]: how h_i reacts to W_hh[j, k]
for x_t in x[:, 0]:
    direct = np.eye(H)[:, :, None] * h  # a_i = ... + W_hh[i, k] h_k
    h = np.tanh(W_hx @ x_t + W_hh @ h)
    S = (1 - h**2)[:, None, None] * (direct + np.tensordot(W_hh, S, 1))
d_W = np.tensordot(h, S, 1)  # the loss: half the squares of the last state
show("carried forward", d_W)

_, state = layer(x)
layer.backward(None, state)
show("sent backward", layer.grads["weight_hh_l0"])
