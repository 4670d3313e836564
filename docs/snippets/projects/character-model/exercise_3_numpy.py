import numpy as np

from rnn_book import show
from rnn_book.numpy import softmax


def nucleus(scores, share, draw):
    p = softmax(scores)
    order = np.argsort(-p)
    kept = order[: 1 + np.searchsorted(np.cumsum(p[order]), share)]
    edges = np.cumsum(p[kept])
    return kept[np.searchsorted(edges, draw * edges[-1], side="right")]


draws = np.random.default_rng(0).random(10_000)
scores = np.log([0.5, 0.3, 0.15, 0.05])
for share in (0.4, 0.75, 0.99):
    chosen = [nucleus(scores, share, draw) for draw in draws]
    show(f"share {share}", np.bincount(chosen, minlength=4) / len(draws))
