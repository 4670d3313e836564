from rnn_book import record_gates, show
from rnn_book.numpy import example

layer = example.layer()
x = example.sequence()[:, 0, 0]
twice = example.sequence([*x, *x])
show("as it is: h", record_gates(layer, twice)["l0"]["h"][[5, 12], 0, 0])

weights = layer.state_dict()
weights["bias_ih_l0"][2] = 50.0  # the keeper never forgets
layer.load_state_dict(weights)
gates = record_gates(layer, twice)["l0"]
show("never forgets: h", gates["h"][[5, 12], 0, 0])
show("never forgets: c", gates["c"][[5, 12], 0, 0])
