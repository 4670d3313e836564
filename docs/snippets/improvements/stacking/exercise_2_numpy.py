import math

from rnn_book import show
from rnn_book.numpy import GRU


def weights(inputs, width, layers):
    layer = GRU(inputs, width, num_layers=layers, bias=False)
    return sum(math.prod(value.shape) for value in layer.state_dict().values())


for width in (30, 90):
    show(f"one layer of {width}", weights(width, width, 1))
    show(f"two layers of {width * 2 // 3}", weights(width, width * 2 // 3, 2))
