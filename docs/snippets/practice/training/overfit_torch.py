import torch

from rnn_book import show, tasks
from rnn_book.torch import GRU, Adam, Linear, clip_grad_norm, cross_entropy

x, targets = tasks.recall(8, 16, position="middle", rng=0)
x, targets = torch.from_numpy(x), torch.from_numpy(targets)
for step in (-1, 0):  # which step's output is read
    layer = GRU(8, 16, rng=0, dtype="float64")
    head = Linear(16, 4, rng=1, dtype="float64")
    optimiser, losses = Adam([layer, head], lr=0.05), []
    for _ in range(20):
        output, _ = layer(x)
        logits = head(output[step])
        losses.append(cross_entropy(logits, targets))
        optimiser.zero_grad()
        losses[-1].backward()
        clip_grad_norm([layer, head], 1.0)
        optimiser.step()
    shown = [losses[update - 1] for update in (1, 10, 20)]
    show(f"output[{step}]: loss, updates 1, 10, 20", shown)
