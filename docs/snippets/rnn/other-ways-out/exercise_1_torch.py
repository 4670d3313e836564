import torch

from rnn_book import show
from rnn_book.torch import example

pulse = example.sequence([1.0] + [0.0] * 99)[:, 0, 0]
for leak in (1.0, 0.5, 0.05):
    h, states = 0.0, []
    for x_t in pulse:
        h = (1 - leak) * h + leak * torch.tanh(x_t)  # no recurrent weight
        states.append(float(h))
    show(
        f"leak {leak}: h at steps 1, 2, 10, 50",
        [states[k] for k in (0, 1, 9, 49)],
    )
