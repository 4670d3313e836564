import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.torch import RNN, Cell, Recurrent, sigmoid


class CentredStep(Cell):
    def step(self, a_x, h_rec, state, p):
        (a,) = a_x + p.recurrent(h_rec) + p.bias_hh
        h = 2 * sigmoid(a) - 1
        return (h,), ()


x = np.random.default_rng(1).standard_normal((30, 10, 8))
tanh_layer = RNN(8, 32, rng=1, dtype="float64")
layer = Recurrent(CentredStep, 8, 32, rng=1, dtype="float64")
for name in ("the same weights", "twice the weights"):
    ratio = gradient_by_lag(layer, x, rng=2) / gradient_by_lag(
        tanh_layer, x, rng=2
    )
    show(
        f"{name}: 2 sigmoid - 1 over tanh, factor per step",
        ratio[30] ** (1 / 30),
    )
    layer.load_state_dict(
        {key: 2 * value for key, value in layer.state_dict().items()}
    )
