import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

x = np.random.default_rng(0).standard_normal((50, 1, 16))
layers = [LSTM(16, 16, rng=k, dtype="float64") for k in range(6)]
for name, around in {"plain": 0.0, "residual": 1.0}.items():
    states = [torch.tensor(x, requires_grad=True)]
    for layer in layers:
        states.append(layer(states[-1])[0] + around * states[-1])
    late = [h.detach()[20:] for h in states[1:]]  # the start is forgotten
    signal = [1000 * h.std(dim=0, correction=0).mean() for h in late]
    top = states[-1][-1].sum()  # ask for the sum of the top layer's last state
    below = torch.autograd.grad(top, states[-2::-1])
    gradient = [1000 * (d**2).sum() ** 0.5 for d in below]
    show(f"{name}: signal", [round(float(a), 1) for a in signal])
    show(f"{name}: gradient", [round(float(a), 1) for a in gradient])
