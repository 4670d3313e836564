import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU

x = np.random.default_rng(0).standard_normal((7, 2, 3))
stack = GRU(3, 4, num_layers=2, dropout=0.5, rng=0, dtype="float64")
output, _ = stack(x)
mask = stack.last_masks["l0"]["dropout"]
show("mask, first sequence", mask[:, 0].T)

lower, upper = GRU(3, 4, dtype="float64"), GRU(4, 4, dtype="float64")
weights = stack.state_dict()
for layer, end in ((lower, "_l0"), (upper, "_l1")):
    own = {name: value for name, value in weights.items() if name.endswith(end)}
    layer.load_state_dict(
        {name.replace("_l1", "_l0"): value for name, value in own.items()}
    )
show("largest difference", abs(upper(mask * lower(x)[0])[0] - output).max())
