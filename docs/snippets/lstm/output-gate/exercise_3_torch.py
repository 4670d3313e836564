from rnn_book import record_gates, show
from rnn_book.torch import example

layer = example.layer()
weights = layer.state_dict()
weights["weight_ih_l0"][6, 0] = -50.0  # row 6: the keeper's output gate
weights["bias_ih_l0"][6] = -15.0  # half open at x = -0.3
layer.load_state_dict(weights)

x = example.sequence()
x[4] = -0.4  # a soft question, at step 5
gates = record_gates(layer, x)["l0"]
for name in "oh":
    show(name, gates[name][:, 0, 0])
