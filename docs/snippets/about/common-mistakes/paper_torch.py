import torch

from rnn_book import show
from rnn_book.torch import GRU

x = torch.randn(
    20, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
)
after = GRU(3, 8, rng=0, dtype="float64")
before = GRU(3, 8, rng=0, dtype="float64", reset_after=False)
stock = torch.nn.GRU(3, 8, dtype=torch.float64)
stock.load_state_dict(after.state_dict())
show("reset after the product", (after(x)[0] - stock(x)[0]).abs().max())
show("reset before, as published", (before(x)[0] - stock(x)[0]).abs().max())
