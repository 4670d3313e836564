import numpy as np

from rnn_book import show
from rnn_book.numpy import example

layer, x = example.layer(), example.sequence()[:6]
d_answer = np.zeros((6, 1, 2))
d_answer[5, 0, 0] = 1.0  # the loss is the keeper's answer at step 6

output, _ = layer(x)
layer.backward(d_answer)
show("in one piece: answer", output[5, 0, 0])
show("in one piece: gradient", layer.grads["weight_ih_l0"][4, 0])

layer.zero_grad()
_, state = layer(x[:3])  # the window with the mark
output, _ = layer(x[3:], state)  # the window with the question
layer.backward(d_answer[3:])  # differentiates this call, and no other
show("in two windows: answer", output[2, 0, 0])
show("in two windows: gradient", layer.grads["weight_ih_l0"][4, 0])
