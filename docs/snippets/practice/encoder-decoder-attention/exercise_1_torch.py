import torch

from rnn_book import show
from rnn_book.torch import Attention

attention = Attention(2, 2)
memory = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[0.5, 0.5]]]).double()
query = torch.tensor([[[1.0, 2.0]]]).double()
context, weights = attention(query, memory)
show("as they are", [weights[0, 0], context[0, 0]])
context, weights = attention(query, memory[[2, 0, 1]])
show("in another order", [weights[0, 0], context[0, 0]])
context, weights = attention(10 * query, memory)
show("ten times the query", [weights[0, 0], context[0, 0]])
