import torch

from rnn_book import show


def attend(query, memory, length):
    counts = torch.arange(len(memory)) < length
    memory = memory.masked_fill(~counts[:, None], 0)
    scores = (memory @ query).masked_fill(~counts, -torch.inf)
    weights = torch.softmax(scores, dim=0)
    return weights @ memory, weights


memory = torch.tensor([[1.0, 0.0], [0.0, 1.0], [torch.nan, torch.nan]])
query = torch.tensor([0.0, 2.0]).double()
context, weights = attend(query, memory.double(), 2)
show("context", context)
show("weights", weights)
