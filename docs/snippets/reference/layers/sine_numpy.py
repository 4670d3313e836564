import numpy as np

from rnn_book import show
from rnn_book.numpy import Cell, Recurrent


class Sine(Cell):
    gates, states = 1, ("h",)

    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        return (np.sin(a),), (a, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        (d_h,), (a, h_rec) = d_new_state, saved
        d_a = np.array([d_h * np.cos(a)])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0,), d_p


x = np.random.default_rng(0).standard_normal((6, 1, 2))
layer = Recurrent(Sine, 2, 3, bidirectional=True, rng=0, dtype="float64")
output, h = layer(x)
layer.backward(2 * output)
show("output", output[-1, 0])
for name in ("bias_hh_l0", "bias_hh_l0_reverse"):
    show(name, layer.grads[name])
