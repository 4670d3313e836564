import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, LSTMCell


def masked(cell, x, mask):
    h = c = 0 * mask
    outputs = []
    for x_t in x:
        h, c = cell(x_t, (mask * h, c))
        outputs.append(h)
    return outputs


x = np.random.default_rng(0).standard_normal((9, 2, 3))
x = torch.from_numpy(x)
layer = LSTM(3, 4, recurrent_dropout=0.5, rng=0, dtype="float64")
output, _ = layer(x)
weights = {name[:-3]: value for name, value in layer.state_dict().items()}
cell = LSTMCell(3, 4, rng=0, dtype="float64")
cell.load_state_dict(weights)  # without the ending _l0
outputs = masked(cell, x, layer.last_masks["l0"]["recurrent"])
for t in (0, 4, 8):
    show(f"step {t + 1}: difference", abs(outputs[t] - output[t]).max())
