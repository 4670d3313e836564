import numpy as np

from rnn_book import show
from rnn_book.decoding import beam_search, greedy_search

NEXT = np.array([[0.0, 0.6, 0.4], [0.5, 0.25, 0.25], [0.9, 0.05, 0.05]])


def step(symbols, known):
    return np.log(NEXT[symbols] + 1e-30), known


ends = {"start": 0, "end": 0, "steps": 4}
(greedy,) = greedy_search(step, None, 1, **ends)
show("greedy", [greedy.symbols, float(np.exp(greedy.log_probability))])
for width in (1, 2, 3):
    best = beam_search(step, None, width=width, **ends)[0]
    probability = float(np.exp(best.log_probability))
    show(f"beam of {width}", [best.symbols, probability])
