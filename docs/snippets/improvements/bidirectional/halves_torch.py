import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

both = LSTM(3, 4, bidirectional=True, rng=1, dtype="float64")
weights = both.state_dict()
x = torch.from_numpy(np.random.default_rng(1).standard_normal((6, 1, 3)))
output, (h, c) = both(x)
show("shape of the output", tuple(output.shape))

# one direction, lent the weights of each half in turn
one = LSTM(3, 4, rng=2, dtype="float64")
one.load_state_dict({k: v for k, v in weights.items() if "reverse" not in k})
forward, _ = one(x)
reverse = {
    k.removesuffix("_reverse"): v for k, v in weights.items() if "reverse" in k
}
one.load_state_dict(reverse)
backward, _ = one(x[[5, 4, 3, 2, 1, 0]])

show("first half: apart from the one way", abs(output[..., :4] - forward).max())
backward = backward[[5, 4, 3, 2, 1, 0]]  # back into the order of time
apart = abs(output[..., 4:] - backward).max()
show("second half: apart from the other way", apart)
