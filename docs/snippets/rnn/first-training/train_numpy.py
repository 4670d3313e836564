import numpy as np

from rnn_book import show
from rnn_book.datasets import Vocabulary, consecutive, rhyme, streams
from rnn_book.numpy import RNN, Adam, Linear, clip_grad_norm
from rnn_book.numpy.functions import cross_entropy, cross_entropy_gradient

text, rng = rhyme(), np.random.default_rng(0)
vocabulary = Vocabulary(text.train)
training, validation = (vocabulary.encode(part) for part in text)
size = len(vocabulary)
layer = RNN(size, 64, rng=rng, dtype="float64")
head = Linear(64, size, rng=rng, dtype="float64")
adam = Adam([layer, head], lr=0.01)


def scores(numbers, state=None):
    output, state = layer(np.eye(size)[numbers], state)
    return head(output), state


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
        layer.backward(head.backward(cross_entropy_gradient(found, targets)))
        clip_grad_norm([layer, head], 1.0)
        adam.step()
    if epoch in (1, 5, 25, 75):
        parts = [(n[:-1, None], n[1:, None]) for n in (training, validation)]
        losses = [cross_entropy(scores(x)[0], target) for x, target in parts]
        show(f"epoch {epoch}: loss", np.round(losses, 2))
        show("it writes", write("This", 60))
