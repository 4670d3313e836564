import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import RNN, clip_grad_norm

x = torch.from_numpy(np.random.default_rng(1).standard_normal((100, 1, 1)))
layer = RNN(1, 32, bias=False, rng=0, dtype="float64")
weights = {name: value.clone() for name, value in layer.state_dict().items()}


def gradient(x, state):
    layer.zero_grad()
    _, last = layer(x, state)
    (last**2).sum().div(2).backward()  # half the squares of the last state
    return layer.weight_hh_l0.grad.clone()


for scale in (1.0, 3.0):
    W_hh = scale * weights["weight_hh_l0"]
    layer.load_state_dict({**weights, "weight_hh_l0": W_hh})
    state = layer(x[:90])[1].detach()
    recent, whole = gradient(x[90:], state), gradient(x, None)
    early = torch.linalg.norm(whole - recent) / torch.linalg.norm(whole)
    show(f"scale {scale}: share from before the last ten steps", early)
    before, after = (clip_grad_norm(layer, 1.0) for _ in range(2))
    show(f"scale {scale}: norm before and after clipping", (before, after))
    a, b = whole, layer.weight_hh_l0.grad
    cosine = (a * b).sum() / torch.linalg.norm(a) / torch.linalg.norm(b)
    show(f"scale {scale}: cosine between the two", cosine)
