import torch

from rnn_book import show
from rnn_book.torch import cross_entropy, softmax

# for "a", "b" and "c"
scores = torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
show("probabilities", softmax(scores))
for number, character in enumerate("abc"):
    loss = cross_entropy(scores[None], torch.tensor([number]))
    show(f"loss, if {character} comes next", float(loss))
no_idea = torch.zeros((1, 28), dtype=torch.float64)
show("no idea at all", float(cross_entropy(no_idea, torch.tensor([0]))))
