import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU


def stacked(lower, upper, x, mask):
    between, _ = lower(x)
    output, _ = upper(mask * between)
    return output


x = np.random.default_rng(0).standard_normal((7, 2, 3))

stack = GRU(3, 4, num_layers=2, dropout=0.5, rng=0, dtype="float64")
wanted, _ = stack(x)
mask = stack.last_masks["l0"]["dropout"]
show("mask, first sequence", mask[:, 0].T)
weights = stack.state_dict()
lower, upper = GRU(3, 4, dtype="float64"), GRU(4, 4, dtype="float64")
lower.load_state_dict({k: v for k, v in weights.items() if "_l0" in k})
upper.load_state_dict(
    {k.replace("_l1", "_l0"): v for k, v in weights.items() if "_l1" in k}
)
show("difference", abs(stacked(lower, upper, x, mask) - wanted).max())
