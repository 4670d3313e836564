from rnn_book import show
from rnn_book.torch import GRU, LSTM
from rnn_book.weights import to_keras


def count(layer):
    return sum(array.size for array in to_keras(layer))


lstm = count(LSTM(10, 64, rng=0))
show("LSTM", lstm)
for after in (True, False):
    gru = count(GRU(10, 64, reset_after=after, rng=0))
    show(f"GRU, reset_after={after}: count, ratio", (gru, gru / lstm))
