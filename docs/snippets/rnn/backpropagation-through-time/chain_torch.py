import torch

from rnn_book import show
from rnn_book.torch import example, tanh

w, target = torch.tensor([0.5, 0.5, 0.5], dtype=torch.float64), 0.5
w.requires_grad_()  # one copy of the weight per step, to see the shares
x = example.sequence([1.0, 0.0, 0.0])[:, 0, 0]
h = [x.new_zeros(())]  # h[0] is the state before the first step
for w_t, x_t in zip(w, x, strict=True):
    h.append(tanh(w_t * h[-1] + x_t))
show("h_1, h_2, h_3", torch.stack(h[1:]))
loss = (h[3] - target) ** 2 / 2
show("loss", loss)

loss.backward()
show("shares of steps 3, 2, 1", w.grad.flip(0))
show("d_w", w.grad.sum())
