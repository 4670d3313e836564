from rnn_book import record_gates, show
from rnn_book.torch import example

layer, x = example.layer(), example.sequence()
f = record_gates(layer, x)["l0"]["f"][:, 0]
show("product of f, steps 3 to 6", f[2:6].prod(axis=0))

_, (h, c) = layer(x[:2])
_, (_, more) = layer(x[2:6], (h, c + 1e-4))
_, (_, less) = layer(x[2:6], (h, c - 1e-4))
show("measured", ((more - less) / 2e-4)[0, 0])
