import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LayerNorm


def backward(a, d, eps=1e-5):
    centred = a - a.mean(dim=-1, keepdim=True)
    s = ((centred**2).mean(dim=-1, keepdim=True) + eps) ** 0.5
    n = centred / s
    mean_d = d.mean(dim=-1, keepdim=True)
    along = (d * n).mean(dim=-1, keepdim=True)
    return (d - mean_d - n * along) / s


a, d = torch.tensor(np.random.default_rng(1).standard_normal((2, 3, 8)))
a.requires_grad_()
LayerNorm(8, dtype="float64")(a).backward(d)
show("difference", abs(backward(a.detach(), d) - a.grad).max())
