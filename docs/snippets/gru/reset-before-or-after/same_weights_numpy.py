from rnn_book import record_gates, show
from rnn_book.numpy import GRU, example

x, weights = example.sequence(), example.gru_layer().state_dict()
for name, after in (("after", True), ("before", False)):
    layer = GRU(1, 2, reset_after=after, rng=0, dtype="float64")
    layer.load_state_dict(weights)
    h = record_gates(layer, x)["l0"]["h"]
    show(f"{name}: keeper", h[:, 0, 0])
    show(f"{name}: speaker", h[:, 0, 1])
