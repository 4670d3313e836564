from rnn_book import record_gates, show
from rnn_book.torch import example

layer = example.layer()
weights = layer.state_dict()
for name in ("whole", "cut"):
    gates = record_gates(layer, example.sequence())["l0"]
    for letter in "hfc":
        show(f"{name}: {letter}", gates[letter][:, 0, 0])
    weights["weight_hh_l0"][:] = 0.0  # h leaves, and nothing comes back
    layer.load_state_dict(weights)
