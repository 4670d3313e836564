from rnn_book import record_gates, show
from rnn_book.torch import example

layer, x = example.gru_layer(), example.sequence()
gates = record_gates(layer, x)["l0"]
# The speaker's, at step 6:
r, z, n = (gates[letter][5, 0, 1] for letter in "rzn")
show("formula", (1 - z) * (1 - n**2) * r * 2)

_, h = layer(x[:5])
nudge = 0.0 * h
nudge[0, 0, 0] = 1e-5  # the keeper's state after step 5
_, more = layer(x[5:6], h + nudge)
_, less = layer(x[5:6], h - nudge)
show("measured", ((more - less) / 2e-5)[0, 0, 1])
