import torch

from rnn_book import show
from rnn_book.torch import Attention

memory = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 1.0]], [[9.0, 9.0]]])
query = torch.tensor([[[0.0, 2.0]], [[4.0, 0.0]]])  # two steps of a decoder
memory, query = memory.double(), query.double()
context, weights = Attention(2, 2)(query, memory, [3])
show("scores of step 1", (memory[:3, 0] * query[0, 0]).sum(dim=-1))
show("weights", weights[:, 0])
show("context", context[:, 0])
