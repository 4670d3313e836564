import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM


def summary(output, lengths):
    H = output.shape[-1] // 2
    rows = [
        torch.cat([output[length - 1, n, :H], output[0, n, H:]])
        for n, length in enumerate(lengths)
    ]
    return torch.stack(rows)


lengths = [6, 3]
layer = LSTM(3, 4, bidirectional=True, rng=1, dtype="float64")
x = np.random.default_rng(1).standard_normal((6, 2, 3))
x = torch.from_numpy(x)
output, (h, c) = layer(x, lengths=torch.tensor(lengths))
found = summary(output, lengths)
show("shape of the summary", tuple(found.shape))
for half, name in ((0, "first"), (1, "second")):
    apart = abs(found[:, 4 * half : 4 * half + 4] - h[half]).max()
    show(f"{name} half, h[{half}]: apart", apart)
alone, (h_alone, _) = layer(x[:3, 1:])
show("the short one alone: apart", abs(h_alone[:, 0] - h[:, 1]).max())
