import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

layers, heads, size, each = 32, 32, 128, 2  # Llama 3 with 8B weights, bytes
tokens = np.array([1.0, 8192.0, 131072.0])
for kept in (heads, 8, 1):
    cache = 2 * layers * kept * size * each * tokens  # keys and values
    show(f"{kept} heads kept: megabytes", (cache / 1e6).round(1))

lstm = LSTM(16, 1024, 2, rng=0)
for steps in (1, 100):
    _, state = lstm(np.zeros((steps, 1, 16), np.float32))
    held = sum(part.nbytes for part in state)
    show(f"LSTM after {steps} steps: megabytes", held / 1e6)
