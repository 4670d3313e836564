import numpy as np
import torch

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams
from rnn_book.torch import RNN, Adam, Linear, clip_grad_norm, cross_entropy

text = rhyme()
vocabulary = Vocabulary(text.train)
training = vocabulary.encode(text.train)
validation = vocabulary.encode(text.validation)
size, rng = len(vocabulary), np.random.default_rng(0)
layer = RNN(size, 64, rng=rng, dtype="float64")
head = Linear(64, size, rng=rng, dtype="float64")
adam = Adam([layer, head], lr=0.01)


def scores(numbers, state=None):
    one_hot = torch.eye(size, dtype=torch.float64)[torch.from_numpy(numbers)]
    output, state = layer(one_hot, state)
    return head(output), state.detach()


def write(new, count):
    written, state = new, None
    for _ in range(count):
        found, state = scores(vocabulary.encode(new)[:, None], state)
        new = vocabulary.decode([int(found[-1, 0].argmax())])
        written += new
    return written.replace("\n", "/")


show("before", write("This", 60))
for epoch in range(1, 76):
    state = None
    for numbers, targets in consecutive(streams(training, 8), 40):
        found, state = scores(numbers, state)
        adam.zero_grad()
        cross_entropy(found, torch.from_numpy(targets)).backward()
        clip_grad_norm([layer, head], 1.0)
        adam.step()
    if epoch in (1, 5, 25, 75):
        losses = [
            cross_entropy(scores(part[:-1, None])[0], torch.from_numpy(part[1:, None])).item()
            for part in (training, validation)
        ]
        show(f"epoch {epoch}: loss", np.round(losses, 2))
        show("it writes", write("This", 60))
