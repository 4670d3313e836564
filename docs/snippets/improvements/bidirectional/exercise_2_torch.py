from rnn_book import show
from rnn_book.torch import LSTM


def count(inputs, hidden, directions):
    layer = LSTM(inputs, hidden, bidirectional=directions == 2, rng=0)
    return sum(len(value.ravel()) for value in layer.state_dict().values())


one = count(16, 48, directions=1)
show("one direction, H = 48: parameters", one)
show("two directions, H = 48", count(16, 48, directions=2))
hidden = min(range(1, 49), key=lambda h: abs(2 * 4 * h * (16 + h + 2) - one))
show("two directions, equal parameters: H", hidden)
show("its parameters", count(16, hidden, directions=2))
