from rnn_book import record_gates, show
from rnn_book.torch import GRU, LSTM, example


def keep(layer, bias):
    """Set the total bias of the gate that keeps: f of an LSTM, z of a GRU."""
    weights, h = layer.state_dict(), layer.hidden_size
    weights["bias_ih_l0"][h : 2 * h] = bias  # the second block in both
    weights["bias_hh_l0"][h : 2 * h] = 0.0
    layer.load_state_dict(weights)
    return layer


for kind, gate in ((LSTM, "f"), (GRU, "z")):
    layer = keep(kind(1, 32, rng=0, dtype="float64"), 3.0)
    kept = record_gates(layer, example.sequence())["l0"][gate][:, 0]
    show(f"mean of {gate}", kept.mean())
    show("left after 7 steps", kept.prod(axis=0).mean())
