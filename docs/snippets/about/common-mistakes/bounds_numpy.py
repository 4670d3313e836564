from rnn_book import record_gates, show
from rnn_book.numpy import LSTM, example

layer = LSTM(1, 1, rng=0, dtype="float64")
weights = {name: 0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"] += 50.0  # all gates open, and g = 1
layer.load_state_dict(weights)
gates = record_gates(layer, example.sequence([0.0] * 100))["l0"]
show("c after 1, 10, 100 steps", gates["c"][[0, 9, 99], 0, 0])
show("h", gates["h"][[0, 9, 99], 0, 0])
