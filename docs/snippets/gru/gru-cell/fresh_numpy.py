from rnn_book import record_gates, show
from rnn_book.numpy import GRU, example

layer = GRU(1, 32, rng=0, dtype="float64")
weights = layer.state_dict()
for name in ("as it is", "bias 2"):
    z = record_gates(layer, example.sequence())["l0"]["z"][:, 0]
    show(f"{name}: mean of z", z.mean())
    show(f"{name}: left after 7 steps", z.prod(axis=0).mean())
    weights["bias_ih_l0"][32:64] = 2.0  # the rows of z
    weights["bias_hh_l0"][32:64] = 0.0
    layer.load_state_dict(weights)
