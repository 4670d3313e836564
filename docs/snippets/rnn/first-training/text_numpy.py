import numpy as np

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams

text = rhyme()
vocabulary = Vocabulary(text.train)
show("characters", (len(text.train), len(text.validation)))
show("it knows", vocabulary.symbols)
numbers = vocabulary.encode("This is the house")
show("numbers", numbers)
show(
    "one-hot, first three", np.eye(len(vocabulary))[numbers[:3]].argmax(axis=1)
)

columns = streams(vocabulary.encode(text.train), 8)
show("eight columns", columns.shape)
x, target = next(consecutive(columns, 40))
show("first column reads", vocabulary.decode(x[:, 0]))
show("it should predict", vocabulary.decode(target[:, 0]))
