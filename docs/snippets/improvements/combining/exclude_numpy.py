import re

from rnn_book import show
from rnn_book.numpy import GRU, LSTM, RNN

attempts = [
    (RNN, {"recurrent_dropout": 0.2, "recurrent_dropout_on": "update"}),
    (GRU, {"forget_bias": 1.0}),
    (LSTM, {"forget_bias": 1.0, "bias": False}),
    (GRU, {"zoneout": (0.1, 0.1)}),
]
for layer_class, options in attempts:
    try:
        layer_class(3, 4, **options)
    except ValueError as error:
        for part in re.split(": |, (?=and|got)", str(error)):
            show(layer_class.__name__, part)
