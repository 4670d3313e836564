from rnn_book import record_gates, show
from rnn_book.torch import example

layer = example.gru_layer()
weights = layer.state_dict()
for name, bias in (("shut", -50.0), ("open", 50.0)):
    weights["bias_ih_l0"][1] = bias  # rows: r, r, z, z, n, n
    layer.load_state_dict(weights)
    h = record_gates(layer, example.sequence())["l0"]["h"]
    show(f"{name}: keeper", h[:, 0, 0])
    show(f"{name}: speaker", h[:, 0, 1])
