from rnn_book import show
from rnn_book.numpy import example, tanh

w, target = 0.5, 0.5
h, s = 0.0, 0.0  # the state, and how it reacts to w
for x_t in example.sequence([1.0, 0.0, 0.0])[:, 0, 0]:
    old = h
    h = tanh(w * old + x_t)
    s = (1 - h**2) * (old + w * s)  # as used now, and as used before
    show("h, and its reaction to w", (h, s))
show("d_w", (h - target) * s)
