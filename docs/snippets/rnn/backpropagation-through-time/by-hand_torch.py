import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import tanh

T, I, H = 4, 2, 3
rng = np.random.default_rng(0)
x = torch.from_numpy(rng.standard_normal((T, I)))
target = torch.from_numpy(rng.standard_normal((T, 1)))
shapes = (H, I), (H, H), (1, H)
drawn = [torch.from_numpy(rng.standard_normal(shape) / 2) for shape in shapes]
W_hx, W_hh, W_yh = (weight.requires_grad_() for weight in drawn)

h = [x.new_zeros(H)]  # h[0] is the state before the first step
for t in range(1, T + 1):
    h.append(tanh(W_hx @ x[t - 1] + W_hh @ h[t - 1]))
y = torch.stack(h[1:]) @ W_yh.T
loss = ((y - target) ** 2).sum() / 2
show("loss", loss)

loss.backward()  # PyTorch kept track of every operation, and walks back
show("d_W_yh", W_yh.grad)
show("d_W_hh", W_hh.grad)
show("d_W_hx", W_hx.grad)
