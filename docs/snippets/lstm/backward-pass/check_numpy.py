import numpy as np

from rnn_book import check_layer, show
from rnn_book.numpy import LSTM

layer = LSTM(3, 4, bidirectional=True, rng=0, dtype="float64")
x = np.random.default_rng(1).standard_normal((6, 2, 3))
for name, slopes in check_layer(layer, x, lengths=[6, 4]).items():
    if not name.endswith("_reverse"):
        show(name, slopes)
