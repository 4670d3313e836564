import torch

from rnn_book import show
from rnn_book.torch import LSTM

layers, heads, size, each = 32, 32, 128, 2  # Llama 3 with 8B weights, bytes
tokens = torch.tensor([1, 8192, 131072])
for kept in (heads, 8, 1):
    cache = 2 * layers * kept * size * each * tokens  # keys and values
    show(
        f"{kept} heads kept: megabytes",
        (cache.double() / 1e6).round(decimals=1),
    )

lstm = LSTM(16, 1024, 2, rng=0)
for steps in (1, 100):
    _, state = lstm(torch.zeros(steps, 1, 16))
    held = sum(part.nbytes for part in state)
    show(f"LSTM after {steps} steps: megabytes", held / 1e6)
