from rnn_book import record_gates, show
from rnn_book.torch import example

layer, x = example.layer(), example.sequence()
gates = record_gates(layer, x)["l0"]
o, f, h_6 = (gates[name][5, 0] for name in "ofh")  # at step 6
tanh_c = h_6 / o  # because h = o * tanh(c)
show("o * (1 - tanh(c)**2) * f", o * (1 - tanh_c**2) * f)

_, (h, c) = layer(x[:5])
more, _ = layer(x[5:6], (h, c + 1e-4))
less, _ = layer(x[5:6], (h, c - 1e-4))
show("measured", ((more - less) / 2e-4)[0, 0])
