import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import RNN, Cell, Recurrent, sigmoid


class CentredStep(Cell):
    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = 2 * sigmoid(a) - 1
        return (h,), (h, h_rec)

    def step_gradient(self, d_new_state, saved, p):
        h, h_rec = saved
        d_a = np.array([d_new_state[0] * (1 - h * h) / 2])
        d_p = {"weight_hh": (d_a, h_rec), "bias_hh": d_a}
        return d_a, p.recurrent.gradient(d_a), (0.0,), d_p


x = np.random.default_rng(1).standard_normal((30, 10, 8))
layer = Recurrent(CentredStep, 8, 32, rng=1, dtype="float64")
tanh = gradient_by_lag(RNN(8, 32, rng=1, dtype="float64"), x, rng=2)
for scale in (1, 2):
    weights = {key: scale * value for key, value in layer.state_dict().items()}
    layer.load_state_dict(weights)
    ratio = (gradient_by_lag(layer, x, rng=2) / tanh)[30]
    show(f"weights times {scale}: over tanh, per step", ratio ** (1 / 30))
