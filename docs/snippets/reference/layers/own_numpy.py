import numpy as np

from rnn_book import show
from rnn_book.numpy import Cell, Recurrent, sigmoid


class Leaky(Cell):
    gates, states, extra = 1, ("h",), {"leak": 1}
    candidate = True

    def step(self, a_x, h_rec, state, p, candidate_mask=1.0):
        (h,) = state
        (k,) = sigmoid(p.leak)
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        n, m = np.tanh(a), candidate_mask
        return (k * h + (1 - k) * (m * n),), (k, h, n, h_rec, m)

    def step_gradient(self, d_new_state, saved, p):
        (d_h,), (k, h, n, h_rec, m) = d_new_state, saved
        d_a = np.array([d_h * (1 - k) * m * (1 - n * n)])
        d_leak = np.array([d_h * (h - m * n) * k * (1 - k)])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a, "leak": d_leak}
        return d_a, p.recurrent.gradient(d_a), (d_h * k,), d_p


x = np.random.default_rng(0).standard_normal((9, 2, 3))
layer = Recurrent(
    Leaky, 3, 4, recurrent_dropout=0.2, zoneout=0.1, rng=0, dtype="float64"
)
output, h = layer(x, lengths=[9, 5])
layer.backward(d_state=2 * h)  # the gradient of sum(h * h)
show("gradient of leak", layer.grads["leak_l0"])
