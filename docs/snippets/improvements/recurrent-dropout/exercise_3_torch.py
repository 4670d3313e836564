import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, LSTMCell

x = np.random.default_rng(0).standard_normal((9, 2, 3))
x = torch.from_numpy(x)
layer = LSTM(3, 4, recurrent_dropout=0.5, rng=0, dtype="float64")
output, _ = layer(x)
mask = layer.last_masks["l0"]["recurrent"]

cell = LSTMCell(3, 4, rng=0, dtype="float64")
weights = layer.state_dict()
cell.load_state_dict(
    {name.removesuffix("_l0"): value for name, value in weights.items()}
)
h = c = 0.0 * output[0]
for t in range(9):
    h, c = cell(x[t], (mask * h, c))
    if t % 4 == 0:
        show(f"step {t + 1}: largest difference", abs(h - output[t]).max())
