import torch

from rnn_book import show
from rnn_book.torch import example, sigmoid

x = example.sequence()[:6, 0, 0]
quiet = torch.tensor([[10, 2, -10], [9, 1, 0], [-5, 0, -5]]).double()
talkative = torch.tensor([[1, 1, 0], [2, 1, 0], [0, 0, 2]]).double()


def answer(w, u, b, cut):  # each for i, g and o
    h = c = torch.zeros(()).double()
    for x_t in x:
        a = w * x_t + u * (h.detach() if cut else h) + b
        i, o = sigmoid(a[0]), sigmoid(a[2])
        g = 4 * sigmoid(a[1]) - 2  # from -2 to 2
        c = c + i * g
        h = o * (2 * sigmoid(c) - 1)
    return h


for name, (w, u, b) in {"quiet": quiet, "talkative": talkative}.items():
    w.requires_grad_()
    for kind, cut in {"truncated": True, "full": False}.items():
        (d_w,) = torch.autograd.grad(answer(w, u, b, cut), w)
        show(f"{name}: {kind}", d_w)
