import numpy as np

from rnn_book import check_layer, show
from rnn_book.numpy import Cell, Recurrent, sigmoid, tanh


class Leaky(Cell):  # h = f * h_old + (1 - f) * n
    gates, states = 2, ("h",)

    def step(self, a_x, h_rec, state, p):
        (h,) = state
        a_f, a_n = a_x + p.recurrent(h_rec) + p.bias_hh
        f, n = sigmoid(a_f), tanh(a_n)
        return (f * h + (1 - f) * n,), (f, n, h, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        (d_h,), (f, n, h, h_rec) = d_new_state, saved
        d_f, d_n = d_h * (h - n), d_h * (1 - f)
        d_a = np.array([d_f * f * (1 - f), d_n * (1 - n**2)])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (d_h * f,), d_p


x = np.random.default_rng(1).standard_normal((5, 2, 3))
for name, slopes in check_layer(
    Recurrent(Leaky, 3, 4, rng=0, dtype="float64"), x
).items():
    show(name, slopes)
