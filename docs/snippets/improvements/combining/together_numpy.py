import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

options = {"dropout": 0.2, "recurrent_dropout": 0.25, "zoneout": 0.1, "weight_drop": 0.3}
layer = LSTM(3, 4, 2, bidirectional=True, forget_bias=1.0, **options, rng=0, dtype="float64")
x = np.random.default_rng(1).standard_normal((6, 2, 3))

layer(x)
for place, masks in layer.last_masks.items():
    for name, mask in masks.items():
        if place in ("l0", "l1_reverse"):
            show(f"{place}: {name}", tuple(mask.shape))

layer.eval()
first, second = layer(x)[0], layer(x)[0]
show("in evaluation: masks, difference", (len(layer.last_masks), abs(first - second).max()))
