from rnn_book import record_gates, show
from rnn_book.grammars import REBER_SYMBOLS, continual_reber
from rnn_book.numpy import LSTM

layer = LSTM(7, 1, rng=0, dtype="float64")
weights = layer.state_dict()
for value in weights.values():
    value[:] = 0.0
end = REBER_SYMBOLS.index("E")
weights["bias_ih_l0"][:] = 50.0  # all gates open, and g is 1
weights["weight_ih_l0"][1, end] = -100.0  # but f shuts at an E
layer.load_state_dict(weights)

x = continual_reber(36, 1, rng=7).inputs
symbols = x[:, 0].argmax(axis=-1)
show("stream", "".join(REBER_SYMBOLS[k] for k in symbols))
show("c", record_gates(layer, x)["l0"]["c"][:, 0, 0])
