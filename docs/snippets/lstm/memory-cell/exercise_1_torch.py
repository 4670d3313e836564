from rnn_book import show
from rnn_book.torch import example

layer = example.layer()
_, state = layer(example.sequence()[:2])  # up to the mark
show("c after the mark", state[1][0, 0])

weights = layer.state_dict()
weights["bias_ih_l0"][0:2] = -50.0  # i = 0
weights["bias_ih_l0"][2:4] = 50.0  # f = 1
layer.load_state_dict(weights)
_, (h, c) = layer(example.sequence([0.3] * 1000), state)
show("c 1000 steps later", c[0, 0])
