from rnn_book import show
from rnn_book.numpy import GRU, LSTM


def count(layer):
    return sum(len(value.ravel()) for value in layer.state_dict().values())


for i, h in ((1, 2), (10, 64), (100, 64)):
    lstm, gru = count(LSTM(i, h, rng=0)), count(GRU(i, h, rng=0))
    show(f"I={i}, H={h}: LSTM, GRU, ratio", (lstm, gru, gru / lstm))
