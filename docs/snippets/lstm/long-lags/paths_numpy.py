import numpy as np

from rnn_book import gradient_by_lag, record_gates, show
from rnn_book.numpy import LSTM, NoForgetGateLSTM

options = {"rng": 1, "dtype": "float64"}
layers = {
    "forget bias 1": LSTM(8, 32, forget_bias=1.0, **options),
    "forget bias 3": LSTM(8, 32, forget_bias=3.0, **options),
    "no forget gate": NoForgetGateLSTM(8, 32, **options),
}
x = np.random.default_rng(1).standard_normal((200, 4, 8))
u = np.random.default_rng(2).standard_normal(32)
u /= np.linalg.norm(u)  # the start of the gradient, as in gradient_by_lag
alone, all_ways, lags = {}, {}, [1, 10, 50, 100, 200]
for name, layer in layers.items():
    gates = record_gates(layer, x)["l0"]
    o, c = gates["o"], gates["c"]
    d_c = [u * o[-1] * (1 - np.tanh(c[-1]) ** 2)]  # onto the line, once
    for f in gates.get("f", 1 + 0 * c)[::-1]:
        d_c.append(d_c[-1] * f)  # one factor per step, and no matrix
    alone[name] = np.sqrt((np.array(d_c) ** 2).sum(axis=-1).mean(axis=-1))
    all_ways[name] = gradient_by_lag(layer, x, rng=2)
    show(f"{name}: along c alone", np.log10(alone[name][lags]))
    show("   all ways back", np.log10(all_ways[name][lags]))
