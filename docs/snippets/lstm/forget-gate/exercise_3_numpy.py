from math import log

from rnn_book import show
from rnn_book.numpy import example

f = 0.5 ** (1 / 1000)
bias = log(f / (1 - f))  # the inverse of the sigmoid
show("f, bias", (f, bias))

layer = example.layer()
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][2:4] = bias
layer.load_state_dict(weights)
_, (h, c) = layer(example.sequence())
start = 0.0 * h, 0.0 * c + 1.0
for steps in (1000, 2000):
    _, (h, c) = layer(example.sequence([0.0] * steps), start)
    show(f"c after {steps} steps", c[0, 0])
