import numpy as np

from rnn_book import show
from rnn_book.numpy import Linear, mean_squared_error_gradient

rng = np.random.default_rng(0)
x, target = rng.standard_normal((3, 2)), rng.standard_normal((3, 1))
linear = Linear(2, 1, rng=1, dtype="float64")


def gradient(rows):
    linear.zero_grad()
    linear.backward(mean_squared_error_gradient(linear(x[rows]), target[rows]))
    return linear.grads["weight"].copy()


whole, two, one = (
    gradient(slice(0, 3)),
    gradient(slice(0, 2)),
    gradient(slice(2, 3)),
)
show("whole", whole)
show("plain mean", (two + one) / 2)
show("weighted by the rows", (2 * two + one) / 3)
