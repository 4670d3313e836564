import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.zeros((200, 1, 3))
layer = LSTM(
    3, 64, recurrent_dropout=0.5, weight_drop=0.5, rng=0, dtype="float64"
)
layer(x)
masks = layer.last_masks["l0"]
silent = 1.0 * (masks["weight_drop"] * masks["recurrent"][0] == 0)
show("connections from h that are cut", silent.mean())

update = {"recurrent_dropout": 0.5, "recurrent_dropout_on": "update"}
layer = LSTM(3, 64, zoneout=(0.0, 0.5), **update, rng=0, dtype="float64")
layer(x)
masks = layer.last_masks["l0"]
without = 1.0 * ((masks["update"] == 0) | (masks["zoneout_c"] == 1))
show("updates that do not happen", without.mean())
