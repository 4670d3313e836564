import torch

from rnn_book import show
from rnn_book.torch import example, last_output

layer, x = example.layer(), example.sequence()
short = example.sequence([0.2, 1.0, -1.0])  # the question comes at once
batch = torch.cat([x, torch.zeros_like(x)], dim=1)
batch[:3, 1:] = short

output, (h, c) = layer(batch, lengths=[7, 3])
show("the short one: keeper's output", output[:, 1, 0])
show("the short one: last real output", last_output(output, [7, 3])[1])
show("the short one: final h", h[0, 1])
show("alone: final h", layer(short)[1][0][0, 0])
