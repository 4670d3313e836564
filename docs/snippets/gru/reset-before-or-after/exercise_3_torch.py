import torch

from rnn_book import show
from rnn_book.torch import example
from rnn_book.weights import to_keras

layer = example.gru_layer()
W_x, W_h, b_x, b_h = layer.state_dict().values()
order = [2, 3, 0, 1, 4, 5]  # z, r, n instead of r, z, n, two rows each
kernel, recurrent = W_x[order].T, W_h[order].T
bias = torch.stack([b_x, b_h])[:, order]

show("kernel", kernel)
shapes = [tuple(a.shape) for a in (kernel, recurrent, bias)]
show("shapes", shapes)
theirs = map(torch.from_numpy, to_keras(layer))
pairs = zip((kernel, recurrent, bias), theirs, strict=True)
show("equal to to_keras", [(ours == a).all() for ours, a in pairs])
