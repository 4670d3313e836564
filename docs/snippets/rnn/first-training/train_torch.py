import numpy as np
import torch

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams
from rnn_book.torch import RNN, Adam, Linear, clip_grad_norm, cross_entropy

text, rng = rhyme(), np.random.default_rng(0)
vocabulary = Vocabulary(text.train)
numbers = (vocabulary.encode(part) for part in text)
training, validation = (torch.from_numpy(part) for part in numbers)
size, columns = len(vocabulary), torch.from_numpy(streams(training, 8))
layer = RNN(size, 64, rng=rng, dtype="float64")
head = Linear(64, size, rng=rng, dtype="float64")
adam = Adam([layer, head], lr=0.01)


def scores(numbers, state=None):
    output, state = layer(torch.eye(size).double()[numbers], state)
    return head(output), state.detach()


def write(new, count):
    written, state = new, None
    for _ in range(count):
        read = torch.from_numpy(vocabulary.encode(new))
        found, state = scores(read[:, None], state)
        new = vocabulary.decode([int(found[-1, 0].argmax())])
        written += new
    return written.replace("\n", "/")


show("before", write("This", 60))
for epoch in range(1, 76):
    state = None
    for numbers, targets in consecutive(columns, 40):
        found, state = scores(numbers, state)
        adam.zero_grad()
        cross_entropy(found, targets).backward()
        clip_grad_norm([layer, head], 1.0)
        adam.step()
    if epoch in (1, 5, 25, 75):
        parts = [(n[:-1, None], n[1:, None]) for n in (training, validation)]
        losses = [
            cross_entropy(scores(x)[0], target).item() for x, target in parts
        ]
        show(f"epoch {epoch}: loss", np.round(losses, 2))
        show("it writes", write("This", 60))
