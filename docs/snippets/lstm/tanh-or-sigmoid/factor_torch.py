import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.torch import RNN, Cell, Recurrent, sigmoid


class SigmoidStep(Cell):
    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = sigmoid(a)
        return (h,), ()


x = np.random.default_rng(1).standard_normal((30, 10, 8))
tanh_layer = RNN(8, 32, rng=1, dtype="float64")
sigmoid_layer = Recurrent(SigmoidStep, 8, 32, rng=1, dtype="float64")
for name, layer in {"tanh": tanh_layer, "sigmoid": sigmoid_layer}.items():
    norms = gradient_by_lag(layer, x, rng=2)
    show(f"{name}: factor per step", (norms[30] / norms[10]) ** (1 / 20))
    show(f"{name}: log10 at lags 10, 20, 30", np.log10(norms[[10, 20, 30]]))
