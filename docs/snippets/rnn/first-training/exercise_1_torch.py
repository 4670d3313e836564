import torch

from rnn_book import show
from rnn_book.datasets import Vocabulary, rhyme

text = rhyme().train
numbers = torch.from_numpy(Vocabulary(text).encode(text))
counts = torch.bincount(numbers)
shares = counts[counts > 0].double() / len(numbers)
show("loss that knows only the shares", -torch.sum(shares * torch.log(shares)))
show("the likeliest character", Vocabulary(text).decode([int(counts.argmax())]))
