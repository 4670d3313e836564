from rnn_book import show
from rnn_book.torch import GRU, example

after, x = example.gru_layer(), example.sequence()
expected, _ = after(x)

before = GRU(1, 2, reset_after=False, rng=0, dtype="float64")
weights = after.state_dict()
for value in weights.values():
    value[0:2] = value[[1, 0]]  # the reset gates change places
before.load_state_dict(weights)
output, _ = before(x)
show("speaker", output[:, 0, 1])
show("as with the reset after", abs(output - expected).max() < 1e-12)
