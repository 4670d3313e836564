import numpy as np

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams
from rnn_book.numpy import RNN, Adam, Linear, clip_grad_norm
from rnn_book.numpy.functions import cross_entropy, cross_entropy_gradient

vocabulary = Vocabulary(rhyme().train)
columns = streams(vocabulary.encode(rhyme().train), 8)
size, rng, state = len(vocabulary), np.random.default_rng(0), None
layer = RNN(size, 64, rng=rng, dtype="float64")
head = Linear(64, size, rng=rng, dtype="float64")
adam = Adam([layer, head], lr=0.01)

for x, target in consecutive(columns, 40):
    output, state = layer(np.eye(size)[x], state)
    scores = head(output)
    show("loss", float(cross_entropy(scores, target)))
    adam.zero_grad()
    layer.backward(head.backward(cross_entropy_gradient(scores, target)))
    clip_grad_norm([layer, head], 1.0)
    adam.step()
