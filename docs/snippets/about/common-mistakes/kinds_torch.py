import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

x = np.zeros((7, 2, 3))  # T, N, I
x = torch.from_numpy(x)
kinds = (
    {"recurrent_dropout": 0.5},
    {"recurrent_dropout": 0.5, "recurrent_dropout_on": "update"},
    {"zoneout": 0.5},
    {"weight_drop": 0.5},
)
for options in kinds:
    layer = LSTM(3, 4, rng=0, dtype="float64", **options)
    layer(x)
    for name, mask in layer.last_masks["l0"].items():
        show(name, tuple(mask.shape))
