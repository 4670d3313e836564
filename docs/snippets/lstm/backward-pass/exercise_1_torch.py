from rnn_book import show
from rnn_book.torch import example

layer, x = example.layer(), example.sequence()[:6].requires_grad_()
weights = layer.state_dict()
for name, bias in (("as it is", -5.0), ("shut", -50.0)):
    weights["bias_ih_l0"][6] = bias  # the keeper's output gate
    layer.load_state_dict(weights)
    layer.zero_grad()
    x.grad = None
    output, _ = layer(x)
    output[5, 0, 0].backward()
    show(f"{name}: i, f, g, o of the keeper", layer.bias_ih_l0.grad[::2])
    show(f"{name}: x", x.grad[:, 0, 0])
