import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU, softmax

layer = GRU(4, 4, rng=0, dtype="float64")
for steps in (10, 100):
    x = np.random.default_rng(0).standard_normal((steps, 1, 4))
    other = x.copy()
    other[0] += 1.0  # another first step
    change = abs(layer(other)[0][-1] - layer(x)[0][-1]).max()
    show(f"{steps} steps, GRU: change of the last output", change)

    answers = []
    for keys in (x[:, 0], other[:, 0]):
        share = softmax(keys @ x[-1, 0])  # how well each step fits the last one
        answers.append(share @ keys)
    show(f"{steps} steps, attention", abs(answers[1] - answers[0]).max())
