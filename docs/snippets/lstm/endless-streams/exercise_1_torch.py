import torch

from rnn_book import show
from rnn_book.grammars import continual_reber
from rnn_book.torch import NoForgetGateLSTM

layer = NoForgetGateLSTM(7, 24, rng=1, dtype="float64")
stream = continual_reber(2000, 1, rng=0)
for resets in (True, False):
    state, largest = None, 0.0
    for x_t, starts in zip(
        torch.from_numpy(stream.inputs), stream.starts[:, 0], strict=True
    ):
        state = None if resets and starts else state
        _, state = layer(x_t[None], state)
        largest = max(largest, abs(state[1]).max().item())
    show(f"resets: {resets}, largest |c|", largest)
