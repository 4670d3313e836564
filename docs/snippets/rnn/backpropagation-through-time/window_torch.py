import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN

x = torch.from_numpy(np.random.default_rng(0).standard_normal((12, 1, 2)))
x.requires_grad_()
layer = RNN(2, 3, rng=0, dtype="float64")
for window in (12, 4):
    state, x.grad = None, None
    for begin in range(0, 12, window):
        # The state comes from the window before, and is taken as given.
        state = None if state is None else state.detach()
        output, state = layer(x[begin : begin + window], state)
    show(f"windows of {window}: last state", output[-1, 0])
    (state**2).sum().div(2).backward()  # half the squares of the last state
    sizes = torch.linalg.norm(x.grad[:, 0], dim=1)
    show(f"windows of {window}: size of d_x", sizes)
