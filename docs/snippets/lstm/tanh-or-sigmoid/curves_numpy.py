import numpy as np

from rnn_book import show
from rnn_book.numpy import sigmoid, tanh

x = np.random.default_rng(0).standard_normal(100_000)
zero = 0.0 * x[:1]
functions = {
    "tanh": (tanh, lambda y: 1 - y**2),
    "sigmoid": (sigmoid, lambda y: y * (1 - y)),
    "2 sigmoid - 1": (lambda a: 2 * sigmoid(a) - 1, lambda y: (1 - y**2) / 2),
}
for name, (function, slope) in functions.items():
    y = function(x)
    show(f"{name}: mean output, spread", (y.mean(), y.std()))
    steepest = slope(function(zero))[0]
    show(f"{name}: slope at 0, mean slope", (steepest, slope(y).mean()))
