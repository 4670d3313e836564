from rnn_book import show
from rnn_book.numpy import RNN, example, tanh

layer = RNN(1, 3, bias=False, rng=0, dtype="float64")
weights = layer.state_dict()
weights["weight_ih_l0"][:, 0] = 0.0
weights["weight_ih_l0"][0, 0] = 1.0  # unit 0 reads the input
weights["weight_hh_l0"][:] = 0.0
weights["weight_hh_l0"][1, 0] = 1.0  # unit 1 reads unit 0
weights["weight_hh_l0"][2, 1] = 1.0  # unit 2 reads unit 1
layer.load_state_dict(weights)

x = example.sequence()
output, _ = layer(x)
show("x", x[:, 0, 0])
show("h", output[:, 0].T)
expected = tanh(tanh(tanh(x[:-2, 0, 0])))
gap = abs(output[2:, 0, 2] - expected).max()
show("unit 2 is x, two steps late", bool(gap < 1e-12))
