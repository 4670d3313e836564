import numpy as np

from rnn_book import gradient_by_lag, show
from rnn_book.numpy import GRU, LSTM, clip_grad_norm

x = np.random.default_rng(0).standard_normal((50, 8, 4))
for kind in (LSTM, GRU):
    layer = kind(4, 32, rng=0, dtype="float64")
    for scale in (1, 10):  # as drawn, and ten times as large
        weights = layer.state_dict()
        weights["weight_hh_l0"] = weights["weight_hh_l0"] * scale
        layer.load_state_dict(weights)
        digits = np.log10(gradient_by_lag(layer, x, rng=0)[[10, 30, 50]])
        show(
            f"{kind.__name__}, weights x {scale}: log10 at lags 10, 30, 50",
            digits,
        )
    output, _ = layer(x)
    layer.backward(np.ones_like(output))
    show("log10 of the gradient's norm", np.log10(clip_grad_norm(layer, 1.0)))
    show("after clipping", clip_grad_norm(layer, 1.0))
