import math

from rnn_book import show
from rnn_book.torch import GRU, LSTM

i, h = 10, 20
for kind, gates in ((LSTM, 4), (GRU, 3)):
    shapes = {
        name: tuple(value.shape)
        for name, value in kind(i, h).state_dict().items()
    }
    show(kind.__name__, sum(math.prod(shape) for shape in shapes.values()))
    show("one bias", gates * (h * (i + h) + h))
    show("two biases", gates * (h * (i + h) + 2 * h))
