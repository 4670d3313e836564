from rnn_book import show
from rnn_book.torch import example, tanh

w_x, w_h, b = 1.0, 0.5, 0.0  # the same three numbers at every step
x = example.sequence()[:, 0, 0]
h, states = 0.0, []
for x_t in x:
    h = tanh(w_x * x_t + w_h * h + b)
    states.append(h)
show("x", x)
show("h", states)
