import numpy as np

import rnn_book.numpy as nn
from rnn_book import show, tasks

x, targets = tasks.recall(8, 16, position="middle", rng=0)
curves = {}
for step in (-1, 0):  # which step's output is read
    layer = nn.GRU(8, 16, rng=0, dtype="float64")
    head = nn.Linear(16, 4, rng=1, dtype="float64")
    optimiser, losses = nn.Adam([layer, head], lr=0.05), []
    for _ in range(20):
        output, _ = layer(x)
        logits = head(output[step])
        losses.append(nn.cross_entropy(logits, targets))
        optimiser.zero_grad()
        d_logits = nn.cross_entropy_gradient(logits, targets)
        d_output = np.zeros_like(output)
        d_output[step] = head.backward(d_logits)
        layer.backward(d_output)
        nn.clip_grad_norm([layer, head], 1.0)
        optimiser.step()
    curves[step] = np.array(losses)
    show(f"output[{step}]: loss, updates 1, 10, 20", curves[step][[0, 9, 19]])
