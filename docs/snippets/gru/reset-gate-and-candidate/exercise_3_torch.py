from rnn_book import show
from rnn_book.torch import GRU, example

layer = GRU(1, 1, rng=0, dtype="float64")
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][0] = 50.0  # r = 1: the candidate sees the old state
weights["weight_hh_l0"][2] = -3.0  # and says the opposite, about as large
weights["weight_ih_l0"][1] = -16.0  # z: kept at x = 0, replaced at x = 1
weights["bias_ih_l0"][1] = 8.0
layer.load_state_dict(weights)

x = example.sequence([0, 1, 0, 0, 1, 1, 0, 1, 0, 0])
start = 0.0 * x[:1] + 1.0
output, _ = layer(x, start)
show("x", x[:, 0, 0])
show("h", output[:, 0, 0])
