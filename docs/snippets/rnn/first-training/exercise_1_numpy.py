import numpy as np

from rnn_book import show
from rnn_book.datasets import Vocabulary, rhyme

text = rhyme().train
numbers = Vocabulary(text).encode(text)
counts = np.bincount(numbers)
shares = counts[counts > 0] / len(numbers)
show("loss that knows only the shares", -np.sum(shares * np.log(shares)))
show("the likeliest character", Vocabulary(text).decode([int(counts.argmax())]))
