from rnn_book import record_gates, show
from rnn_book.numpy import example

layer = example.layer()
weights = layer.state_dict()
for w in (2.0, 0.5, -2.0):
    weights["weight_ih_l0"][4] = w  # row 4: the keeper's input node
    layer.load_state_dict(weights)
    gates = record_gates(layer, example.sequence())["l0"]
    i, g, c = (gates[name][1, 0, 0] for name in "igc")
    show(f"w = {w}: i, g, c at step 2", (i, g, c))
