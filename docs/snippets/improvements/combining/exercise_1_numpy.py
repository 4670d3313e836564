import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.zeros((6, 1, 3))
for options in (
    {"zoneout": (0.0, 0.5)},
    {"zoneout": (0.0, 0.5), "recurrent_dropout": 0.5},
):
    layer = LSTM(3, 4, **options, rng=0, dtype="float64")
    layer(x)
    show(", ".join(options), 1 * layer.last_masks["l0"]["zoneout_c"][:, 0].T)
