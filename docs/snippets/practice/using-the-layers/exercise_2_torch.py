import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_book import show
from rnn_book.torch import LSTM

x = torch.randn(
    6, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
)
lengths = torch.tensor([4, 6, 2])
layer = LSTM(2, 5, bidirectional=True, rng=0, dtype="float64")
packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
show("rows, packed and padded", (len(packed.data), 6 * 3))

output, (h, c) = layer(packed)
ours, (h_ours, c_ours) = layer(x, lengths=lengths)
show("same output", torch.equal(pad_packed_sequence(output)[0], ours))
show("same state", torch.equal(h, h_ours) and torch.equal(c, c_ours))
show("no steps at all", layer(x, lengths=[6, 3, 0])[1][0][0, 2])
