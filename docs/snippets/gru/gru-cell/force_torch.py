from rnn_book import record_gates, show
from rnn_book.torch import example

layer, x = example.gru_layer(), example.sequence()
start = example.sequence([0.5, -0.5]).reshape(1, 1, 2)  # h before step 1
weights = layer.state_dict()
for name, bias in (("keeps", 50.0), ("replaces", -50.0)):
    weights["bias_ih_l0"][2:4] = bias  # rows: r, r, z, z, n, n
    layer.load_state_dict(weights)
    gates = record_gates(layer, x, start)["l0"]
    show(f"z {name}: keeper", gates["h"][:, 0, 0])
    show(f"z {name}: speaker", gates["h"][:, 0, 1])
