import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.random.default_rng(0).standard_normal((5, 2, 3))
plain = LSTM(3, 4, rng=0, dtype="float64")
layer = LSTM(
    3,
    4,
    recurrent_dropout=0.5,
    zoneout=0.1,
    forget_bias=1.0,
    rng=0,
    dtype="float64",
)
show("same keys", list(layer.state_dict()) == list(plain.state_dict()))
layer.load_state_dict(plain.state_dict())

show("training", layer(x)[0][-1, 0])
show("again", layer(x)[0][-1, 0])
show("mask of the second run", layer.last_masks["l0"]["recurrent"][0])
show("evaluation", layer.eval()(x)[0][-1, 0])
layer.train()
