import numpy as np

from rnn_book import show


def attend(query, memory, length):
    counts = np.arange(len(memory)) < length
    memory = np.where(counts[:, None], memory, 0)
    scores = np.where(counts, memory @ query, -np.inf)
    weights = np.exp(scores - scores.max())
    weights /= weights.sum()
    return weights @ memory, weights


memory = np.array([[1.0, 0.0], [0.0, 1.0], [np.nan, np.nan]])
context, weights = attend(np.array([0.0, 2.0]), memory, 2)
show("context", context)
show("weights", weights)
