import numpy as np

from rnn_book import check_gradient, show
from rnn_book.numpy import softmax

rng = np.random.default_rng(0)
scores, memory = rng.normal(size=5), rng.normal(size=(5, 3))
weights = softmax(scores)
d_weights = memory.sum(axis=1)
d_scores = weights * (d_weights - weights @ d_weights)


def loss(scores):
    return float((softmax(scores) @ memory).sum())


found, expected = check_gradient(loss, d_scores, scores)
show("largest difference", round(abs(found - expected), 8))
show("sum of the gradient", float(d_scores.sum()))
