import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import RNN, Cell, Recurrent, sigmoid


class SigmoidStep(Cell):
    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = sigmoid(a)
        return (h,), (h, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        h, h_rec = saved
        d_a = np.array([d_new_state[0] * h * (1 - h)])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0,), d_p


x = np.random.default_rng(1).standard_normal((30, 10, 8))
tanh_layer = RNN(8, 32, rng=1, dtype="float64")
sigmoid_layer = Recurrent(SigmoidStep, 8, 32, rng=1, dtype="float64")
for name, layer in {"tanh": tanh_layer, "sigmoid": sigmoid_layer}.items():
    norms = gradient_by_lag(layer, x, rng=2)
    show(f"{name}: factor per step", (norms[30] / norms[10]) ** (1 / 20))
    show(f"{name}: log10 at lags 10, 20, 30", np.log10(norms[[10, 20, 30]]))
