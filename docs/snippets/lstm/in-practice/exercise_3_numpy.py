import numpy as np

from rnn_book import show
from rnn_book.numpy import example

layer, x = example.layer(), example.sequence()[:6]
d_answer = np.zeros((6, 1, 2))
d_answer[5, 0, 0] = 1.0

answers, gradients = {}, {}
for size in (1, 2, 3, 6):
    layer.zero_grad()
    state = None
    for start in range(0, 6, size):
        window = slice(start, start + size)
        output, state = layer(x[window], state)
        layer.backward(d_answer[window])
    answers[size] = output[-1, 0, 0]
    gradients[size] = layer.grads["weight_ih_l0"][4, 0]
    show(f"windows of {size}", (answers[size], gradients[size]))
