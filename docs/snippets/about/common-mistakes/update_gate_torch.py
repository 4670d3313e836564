from rnn_book import record_gates, show
from rnn_book.torch import GRU, example

x = example.sequence()
layer = GRU(1, 2, rng=0, dtype="float64")
gates = record_gates(layer, x)["l0"]
h, z, n = (gates[name][1:, 0] for name in "hzn")
before = gates["h"][:-1, 0]
show("z keeps: largest error", abs((1 - z) * n + z * before - h).max())
show("z updates: largest error", abs(z * n + (1 - z) * before - h).max())

weights = layer.state_dict()
for name in weights:
    weights[name][2:4] *= -1  # the rows of z
layer.load_state_dict(weights)
other = record_gates(layer, x[:1])["l0"]["z"][0, 0]
show(
    "first z, with the other sign, sum",
    (gates["z"][0, 0], other, gates["z"][0, 0] + other),
)
