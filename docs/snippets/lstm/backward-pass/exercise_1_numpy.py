import numpy as np

from rnn_book import show
from rnn_book.numpy import example

layer, x = example.layer(), example.sequence()[:6]
weights = layer.state_dict()
for name, bias in (("as it is", -5.0), ("shut", -50.0)):
    weights["bias_ih_l0"][6] = bias  # the keeper's output gate
    layer.load_state_dict(weights)
    layer.zero_grad()
    output, _ = layer(x)
    d_x, _ = layer.backward(np.concatenate([0 * output[:5], [[[1.0, 0.0]]]]))
    show(f"{name}: i, f, g, o of the keeper", layer.grads["bias_ih_l0"][::2])
    show(f"{name}: x", d_x[:, 0, 0])
