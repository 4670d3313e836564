import torch

from rnn_book import show
from rnn_book.decoding import beam_search, greedy_search

NEXT = torch.tensor([[0, 0.6, 0.4], [0.5, 0.25, 0.25], [0.9, 0.05, 0.05]])


def step(symbols, known):
    return (NEXT.double()[symbols] + 1e-30).log(), known


ends = {"start": 0, "end": 0, "steps": 4}
(greedy,) = greedy_search(step, None, 1, **ends)
probability = torch.tensor(greedy.log_probability).exp()
show("greedy", [greedy.symbols, float(probability)])
for width in (1, 2, 3):
    best = beam_search(step, None, width=width, **ends)[0]
    probability = torch.tensor(best.log_probability).exp()
    show(f"beam of {width}", [best.symbols, float(probability)])
