import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

x = np.random.default_rng(0).standard_normal((20, 1, 3))
options = {"dropout": 0.5}, {"recurrent_dropout": 0.5}
for option in options:
    layer = LSTM(3, 4, num_layers=2, rng=0, dtype="float64", **option)
    training = layer.train()(x)[1][0]
    evaluation = layer.eval()(x)[1][0]
    show(f"{option}: layer 0", abs(training - evaluation)[0].max())
    show(f"{option}: layer 1", abs(training - evaluation)[1].max())
