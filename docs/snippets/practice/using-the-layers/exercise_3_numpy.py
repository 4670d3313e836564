import numpy as np

from rnn_book import show
from rnn_book.numpy import Cell, Recurrent


class Sine(Cell):
    gates, states = 1, ("h",)

    def step(self, a_x, h_rec, state, p):
        a = a_x + h_rec @ p.weight_hh.T + p.bias_hh
        return (np.sin(a),), (a, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        (d_h,), (a, h_rec) = d_new_state, saved
        d_a = d_h * np.cos(a)
        return d_a, d_a @ p.weight_hh, (0.0,), {"weight_hh": (d_a, h_rec), "bias_hh": d_a}


x = np.random.default_rng(0).standard_normal((6, 1, 2))
layer = Recurrent(Sine, 2, 3, bidirectional=True, rng=0, dtype="float64")
output, h = layer(x)
layer.backward(2 * output)
show("output", output[-1, 0])
for name in ("bias_hh_l0", "bias_hh_l0_reverse"):
    show(name, layer.grads[name])
