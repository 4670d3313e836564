from rnn_book import show
from rnn_book.torch import RNN, example

x = example.sequence()
changed = example.sequence([1.0, *x[1:, 0, 0]])  # another first step
layer = RNN(1, 2, num_layers=1, rng=0, dtype="float64")
show("one layer: change", (layer(changed)[0] - layer(x)[0])[:, 0].T)

weights = layer.state_dict()
weights["weight_hh_l0"] = 0 * weights["weight_hh_l0"]
layer.load_state_dict(weights)
show("weight_hh = 0: change", (layer(changed)[0] - layer(x)[0])[:, 0].T)
