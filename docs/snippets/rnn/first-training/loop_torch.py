import numpy as np
import torch

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams
from rnn_book.torch import RNN, Adam, Linear, clip_grad_norm, cross_entropy

vocabulary = Vocabulary(rhyme().train)
columns = streams(vocabulary.encode(rhyme().train), 8)
size, rng, state = len(vocabulary), np.random.default_rng(0), None
layer = RNN(size, 64, rng=rng, dtype="float64")
head = Linear(64, size, rng=rng, dtype="float64")
adam = Adam([layer, head], lr=0.01)

for x, target in consecutive(torch.from_numpy(columns), 40):
    state = None if state is None else state.detach()
    output, state = layer(torch.eye(size).double()[x], state)
    loss = cross_entropy(head(output), target)
    show("loss", loss.item())
    adam.zero_grad()
    loss.backward()
    clip_grad_norm([layer, head], 1.0)
    adam.step()
