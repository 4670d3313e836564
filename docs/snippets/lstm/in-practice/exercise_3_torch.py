import torch

from rnn_book import show
from rnn_book.torch import detach_state, example

layer, x = example.layer(), example.sequence()[:6]
d_answer = torch.zeros(6, 1, 2, dtype=x.dtype)
d_answer[5, 0, 0] = 1.0

answers, gradients = {}, {}
for size in (1, 2, 3, 6):
    layer.zero_grad()
    state = None
    for start in range(0, 6, size):
        window = slice(start, start + size)
        output, state = layer(x[window], detach_state(state))
        output.backward(d_answer[window])
    answers[size] = output[-1, 0, 0]
    gradients[size] = layer.weight_ih_l0.grad[4, 0]
    show(f"windows of {size}", (answers[size], gradients[size]))
