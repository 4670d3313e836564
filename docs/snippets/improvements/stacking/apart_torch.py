import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

x = np.random.default_rng(0).standard_normal((7, 2, 3))
x = torch.from_numpy(x)
stack = LSTM(3, 5, num_layers=2, rng=0, dtype="float64")
output, (h, c) = stack(x)

lower, upper = LSTM(3, 5, dtype="float64"), LSTM(5, 5, dtype="float64")
weights = stack.state_dict()
for layer, end in ((lower, "_l0"), (upper, "_l1")):
    own = {name: value for name, value in weights.items() if name.endswith(end)}
    layer.load_state_dict(
        {name.replace("_l1", "_l0"): value for name, value in own.items()}
    )
between, (h_lower, _) = lower(x)
above, (h_upper, _) = upper(between)
show("output", abs(above - output).max())
show("h[0], h[1]", (abs(h_lower[0] - h[0]).max(), abs(h_upper[0] - h[1]).max()))
show("shape of h", tuple(h.shape))
