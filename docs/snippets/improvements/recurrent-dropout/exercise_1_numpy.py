import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

kinds = {
    "state": {"recurrent_dropout": 0.5},
    "update": {"recurrent_dropout": 0.5, "recurrent_dropout_on": "update"},
    "zoneout": {"zoneout": 0.5},
    "weights": {"weight_drop": 0.5},
}
x, one = np.zeros((100, 1, 1)), np.ones((1, 1, 3))
for name, options in kinds.items():
    layer = LSTM(1, 3, rng=0, dtype="float64", **options)
    weights = {key: 0 * value for key, value in layer.state_dict().items()}
    weights["bias_ih_l0"][:3] = -50.0  # i = 0
    weights["bias_ih_l0"][3:6] = 50.0  # f = 1
    layer.load_state_dict(weights)
    _, (h, c) = layer(x, (one, one))
    show(name, c[0, 0])
