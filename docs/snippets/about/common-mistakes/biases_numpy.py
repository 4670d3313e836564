import numpy as np

from rnn_book import record_gates, show
from rnn_book.numpy import GRU, LSTM

x = np.random.default_rng(0).standard_normal((9, 1, 3))
for kind in (LSTM, GRU):
    layer = kind(3, 4, rng=0, dtype="float64")
    before = layer(x)[0]
    weights = layer.state_dict()
    weights["bias_ih_l0"] = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    weights["bias_hh_l0"] = 0 * weights["bias_hh_l0"]
    layer.load_state_dict(weights)
    show(
        f"{kind.__name__}, one bias instead of two",
        abs(layer(x)[0] - before).max(),
    )

weights = {name: 0 * value for name, value in LSTM(3, 4).state_dict().items()}
for name in ("bias_ih_l0", "bias_hh_l0"):
    weights[name][4:8] = 1.0
layer = LSTM(3, 4, dtype="float64")
layer.load_state_dict(weights)
f = record_gates(layer, x)["l0"]["f"][0, 0, 0]
show("forget bias 1 and 1: f, its logit", (f, np.log(f / (1 - f))))
