from rnn_book import record_gates, show
from rnn_book.numpy import example

layer = example.layer()
weights = layer.state_dict()
for name, bias in (("shut", -50.0), ("open", 50.0)):
    weights["bias_ih_l0"][6:8] = bias  # rows: i, i, f, f, g, g, o, o
    layer.load_state_dict(weights)
    gates = record_gates(layer, example.sequence())["l0"]
    show(f"{name}: keeper's h", gates["h"][:, 0, 0])
    show(f"{name}: keeper's c", gates["c"][:, 0, 0])
