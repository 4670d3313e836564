import torch

from rnn_book import show

# both eigenvalues are 0.5
W = torch.tensor([[0.5, 4.0], [0.0, 0.5]], dtype=torch.float64)
show("largest stretch", torch.linalg.norm(W, 2))
d_h, sizes = torch.tensor([1.0, 0.0], dtype=torch.float64), []
for _ in range(20):
    d_h = W.T @ d_h
    sizes.append(float(torch.linalg.norm(d_h)))
show(
    "size after 1, 2, 3, 5, 10, 20 steps",
    [sizes[k - 1] for k in (1, 2, 3, 5, 10, 20)],
)
