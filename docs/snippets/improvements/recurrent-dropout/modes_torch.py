import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

x = np.random.default_rng(0).standard_normal((8, 1, 3))
x = torch.from_numpy(x)
plain = LSTM(3, 2, rng=0, dtype="float64")
kinds = {
    "state": {"recurrent_dropout": 0.5},
    "update": {"recurrent_dropout": 0.5, "recurrent_dropout_on": "update"},
    "zoneout": {"zoneout": 0.3},
    "weights": {"weight_drop": 0.5},
}
show("no dropout", plain(x)[0][-1, 0])
for name, options in kinds.items():
    layer = LSTM(3, 2, rng=0, dtype="float64", **options)
    runs = [layer(x)[0][-1, 0] for _ in range(2)]
    layer.eval()
    evaluation = layer(x)[0][-1, 0]
    show(f"{name}: training twice, evaluation", (*runs, evaluation))
    before, after = plain.state_dict().values(), layer.state_dict().values()
    same = all(bool((a == b).all()) for a, b in zip(before, after, strict=True))
    show("same weights", same)
