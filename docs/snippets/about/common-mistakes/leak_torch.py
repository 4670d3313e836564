from rnn_book import show
from rnn_book.torch import GRU, example

x = example.sequence()
other = example.sequence([*x[:3, 0, 0], 5.0, *x[4:, 0, 0]])  # step 4 is another
for both in (False, True):
    layer = GRU(1, 2, bidirectional=both, rng=0, dtype="float64")
    change = abs(layer(other)[0] - layer(x)[0])[:, 0].sum(-1)
    show(f"bidirectional={both}: change per step", change)
