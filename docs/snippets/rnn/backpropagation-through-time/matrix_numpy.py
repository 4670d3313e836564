import numpy as np

from rnn_book import show
from rnn_book.numpy import tanh

W = np.array([[0.5, -1.0], [0.25, 2.0]])
h_old, d_h = np.array([0.4, 0.2]), np.array([1.0, -1.0])
a = W @ h_old
h = tanh(a)
show("a", a)
show("h", h)

d_a = d_h * (1 - h**2)
show("d_a", d_a)
show("d_h_old", W.T @ d_a)
show("d_W", np.outer(d_a, h_old))
