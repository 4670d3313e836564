import numpy as np
import torch

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams
from rnn_book.torch import RNN, Adam, Linear, cross_entropy

vocabulary = Vocabulary(rhyme().train)
columns = torch.from_numpy(streams(vocabulary.encode(rhyme().train), 8))
size = len(vocabulary)
for rate in (0.0001, 0.001, 0.01, 0.1):
    rng = np.random.default_rng(0)
    layer = RNN(size, 64, rng=rng, dtype="float64")
    head = Linear(64, size, rng=rng, dtype="float64")
    adam = Adam([layer, head], lr=rate)
    for _ in range(5):
        state, losses = None, []
        for numbers, targets in consecutive(columns, 40):
            output, state = layer(torch.eye(size).double()[numbers], state)
            loss, state = cross_entropy(head(output), targets), state.detach()
            losses.append(loss.item())
            adam.zero_grad()
            loss.backward()
            adam.step()
    show(f"rate {rate}: loss in epoch 5", round(float(np.mean(losses)), 2))
