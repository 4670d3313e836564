import torch

from rnn_book import show

for name, loss, characters in (
    ("training", 0.02, 1242),
    ("validation", 0.99, 685),
):
    bits = float(loss / torch.log(torch.tensor(2.0)))
    show(f"{name}: bits per character", round(bits, 2))
    show(f"{name}: bytes for all of it", round(bits * characters / 8))
