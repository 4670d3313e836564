import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN

T, H, lags = 100, 64, [1, 10, 50, 100]
rng = np.random.default_rng(0)
x = torch.from_numpy(rng.standard_normal((T, 16)))
W_x, W_h, *_ = RNN(16, H, rng=0, dtype="float64").state_dict().values()
Q, _ = np.linalg.qr(rng.standard_normal((H, H)))  # keeps every length
ways = {"default": (W_h, 1.0), "orthogonal": (torch.from_numpy(Q), 1.0)}
ways |= {"identity": (torch.eye(H).double(), 1.0), "leaky": (W_h, 0.05)}

for name, (W, leak) in ways.items():
    h = [torch.zeros(H).double().requires_grad_()]
    for x_t in x:
        a = W_x @ x_t + W @ h[-1]
        new = torch.relu(a) if name == "identity" else torch.tanh(a)
        h.append((1 - leak) * h[-1] + leak * new)
        h[-1].retain_grad()
    h[-1].backward(torch.ones(H).double() / H**0.5)  # of length 1
    sizes = torch.stack([torch.linalg.norm(one.grad) for one in h[::-1]])
    show(f"{name}: log10 at lags 1, 10, 50, 100", torch.log10(sizes[lags]))
