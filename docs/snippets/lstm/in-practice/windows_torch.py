from rnn_book import show
from rnn_book.torch import detach_state, example

layer, x = example.layer(), example.sequence()[:6]

output, _ = layer(x)
output[5, 0, 0].backward()  # the loss is the keeper's answer at step 6
show("in one piece: answer", output[5, 0, 0])
show("in one piece: gradient", layer.weight_ih_l0.grad[4, 0])

layer.zero_grad()
_, state = layer(x[:3])  # the window with the mark
output, _ = layer(x[3:], detach_state(state))  # the window with the question
output[2, 0, 0].backward()  # stops where the state was detached
show("in two windows: answer", output[2, 0, 0])
show("in two windows: gradient", layer.weight_ih_l0.grad[4, 0])
