import numpy as np

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams
from rnn_book.numpy import RNN, Adam, Linear
from rnn_book.numpy.functions import cross_entropy, cross_entropy_gradient

vocabulary = Vocabulary(rhyme().train)
size, columns = len(vocabulary), streams(vocabulary.encode(rhyme().train), 8)
for rate in (0.0001, 0.001, 0.01, 0.1):
    rng = np.random.default_rng(0)
    layer = RNN(size, 64, rng=rng, dtype="float64")
    head = Linear(64, size, rng=rng, dtype="float64")
    adam = Adam([layer, head], lr=rate)
    for _ in range(5):
        state, losses = None, []
        for numbers, targets in consecutive(columns, 40):
            output, state = layer(np.eye(size)[numbers], state)
            scores = head(output)
            losses.append(cross_entropy(scores, targets))
            adam.zero_grad()
            d_scores = cross_entropy_gradient(scores, targets)
            layer.backward(head.backward(d_scores))
            adam.step()
    show(f"rate {rate}: loss in epoch 5", round(float(np.mean(losses)), 2))
