import numpy as np
import torch

from rnn_book import show

rng = np.random.default_rng(0)
T, N, I, H = 100, 32, 64, 128
x, weight = map(
    torch.from_numpy,
    (rng.standard_normal((T, N, I)), rng.standard_normal((4 * H, I))),
)
step_by_step = torch.stack([x[t] @ weight.T for t in range(T)])
at_once = (x.reshape(T * N, I) @ weight.T).reshape(T, N, 4 * H)
show("products", (T, 1))
show("rows in each", (N, T * N))
show("largest difference", abs(step_by_step - at_once).max())
