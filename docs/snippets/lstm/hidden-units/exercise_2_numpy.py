from rnn_book import show
from rnn_book.numpy import LSTM

for i, h in ((1, 2), (3, 5)):
    weights = LSTM(i, h, rng=0).state_dict().values()
    counted = sum(len(value.ravel()) for value in weights)
    formula = 4 * h * (i + h + 2)
    show(f"I={i}, H={h}: counted, formula", (counted, formula))
