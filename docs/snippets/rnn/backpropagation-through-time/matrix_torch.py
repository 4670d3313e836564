import torch

from rnn_book import show
from rnn_book.torch import tanh

W = torch.tensor([[0.5, -1.0], [0.25, 2.0]], dtype=torch.float64)
h_old = torch.tensor([0.4, 0.2], dtype=torch.float64)
d_h = torch.tensor([1.0, -1.0], dtype=torch.float64)
for leaf in (W, h_old):
    leaf.requires_grad_()
a = W @ h_old
a.retain_grad()  # PyTorch throws this gradient away otherwise
h = tanh(a)
show("a", a)
show("h", h)

h.backward(d_h)
show("d_a", a.grad)
show("d_h_old", h_old.grad)
show("d_W", W.grad)
