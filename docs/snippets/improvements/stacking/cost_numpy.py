import math

from rnn_book import show
from rnn_book.numpy import LSTM


def parameters(width, layers):
    shapes = (
        value.shape
        for value in LSTM(16, width, num_layers=layers).state_dict().values()
    )
    return sum(math.prod(shape) for shape in shapes)


budget = parameters(64, 1)
for layers in (1, 2, 3):
    formula = 4 * 64 * (16 + 64 + 2) + (layers - 1) * 4 * 64 * (2 * 64 + 2)
    show(
        f"{layers} x 64: parameters, formula", (parameters(64, layers), formula)
    )
for layers in (1, 2, 3):
    width = max(
        width for width in range(1, 65) if parameters(width, layers) <= budget
    )
    show(f"{layers} x {width}: parameters", parameters(width, layers))
