import numpy as np

from rnn_book import check_layer, show
from rnn_book.numpy import Recurrent
from rnn_book.numpy.lstm import LSTMStep


class Forgetful(LSTMStep):  # with a planted mistake
    def step_gradient(self, d_new_state, saved, p):
        d_h, d_c = d_new_state
        return super().step_gradient((d_h, 0 * d_c), saved, p)


x = np.random.default_rng(1).standard_normal((6, 2, 3))
for cell in (LSTMStep, Forgetful):
    layer = Recurrent(cell, 3, 4, rng=0, dtype="float64")
    slopes = check_layer(layer, x)
    for name in ("x", "hx[1]", "weight_hh_l0"):
        show(f"{cell.__name__}: {name}", slopes[name])
