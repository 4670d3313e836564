import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.zeros((6, 1, 3))
for options in (
    {"recurrent_dropout": 0.5},
    {"recurrent_dropout": 0.5, "recurrent_dropout_on": "update"},
    {"zoneout": (0.0, 0.3)},
    {"weight_drop": 0.5},
):
    layer = LSTM(3, 2, rng=5, dtype="float64", **options)
    layer(x)
    for name, mask in layer.last_masks["l0"].items():
        if mask.ndim == 3:
            mask = mask[:, 0].T  # steps, sequences, units -> units, steps
        show(name, 1.0 * mask)
