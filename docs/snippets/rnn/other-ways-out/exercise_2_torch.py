import torch

from rnn_book import show

lag, factor = 90, 0.58
for skip in (1, 3, 10, 30):
    factors = lag // skip
    size = factors * torch.log10(torch.tensor(factor, dtype=torch.float64))
    show(f"skip {skip}: factors, log10 of the rest", (factors, float(size)))
