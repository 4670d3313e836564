import numpy as np

from rnn_book import show

W = np.array([[0.5, 4.0], [0.0, 0.5]])  # both eigenvalues are 0.5
show("largest stretch", np.linalg.norm(W, 2))
d_h, sizes = np.array([1.0, 0.0]), []
for _ in range(20):
    d_h = W.T @ d_h
    sizes.append(float(np.linalg.norm(d_h)))
show(
    "size after 1, 2, 3, 5, 10, 20 steps",
    [sizes[k - 1] for k in (1, 2, 3, 5, 10, 20)],
)
