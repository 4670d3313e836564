import numpy as np

from rnn_book import show
from rnn_book.datasets import Vocabulary, rhyme

text = rhyme().train
numbers = Vocabulary(text).encode(text)
symbols, counts = np.unique(numbers, return_counts=True)
shares = counts / len(numbers)
show("loss that knows only the shares", -np.sum(shares * np.log(shares)))
show(
    "the likeliest character",
    Vocabulary(text).decode([symbols[counts.argmax()]]),
)
