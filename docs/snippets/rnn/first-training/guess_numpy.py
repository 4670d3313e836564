import numpy as np

from rnn_book import show
from rnn_book.numpy import cross_entropy, softmax

scores = np.array([2.0, 1.0, 0.0])  # for "a", "b" and "c"
show("probabilities", softmax(scores))
for number, character in enumerate("abc"):
    loss = cross_entropy(scores[None], np.array([number]))
    show(f"loss, if {character} comes next", float(loss))
show("no idea at all", float(cross_entropy(np.zeros((1, 28)), np.array([0]))))
