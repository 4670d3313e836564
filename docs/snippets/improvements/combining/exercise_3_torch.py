from rnn_book import show
from rnn_book.torch import LSTM


def count(**sizes):
    layer = LSTM(3, **sizes, rng=0)
    return sum(len(w.ravel()) for w in layer.state_dict().values())


def largest(budget, **sizes):
    hidden = 1
    while count(hidden_size=hidden + 1, **sizes) <= budget:
        hidden += 1
    return hidden


budget = count(hidden_size=32)
show("one layer of 32", budget)
for name, sizes in {
    "two layers": {"num_layers": 2},
    "both directions": {"bidirectional": True},
    "both": {"num_layers": 2, "bidirectional": True},
}.items():
    hidden = largest(budget, **sizes)
    show(f"{name}: units", (hidden, count(hidden_size=hidden, **sizes)))
