from rnn_book import show
from rnn_book.torch import RNN, example

layer = RNN(1, 1, bias=False, rng=0, dtype="float64")
weights = layer.state_dict()
weights["weight_ih_l0"][:] = 1.0
pulse = example.sequence([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
for w_h in (0.0, 0.5, -0.5, 1.0, 2.0):
    weights["weight_hh_l0"][:] = w_h
    layer.load_state_dict(weights)
    output, _ = layer(pulse)
    show(f"w_h = {w_h}: h", output[:, 0, 0])
