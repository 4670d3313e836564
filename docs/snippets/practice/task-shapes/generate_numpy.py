import numpy as np

from rnn_book import show
from rnn_book.numpy import GRU, Adam, Linear, cross_entropy_gradient

symbols = "helo "
code = np.array([symbols.index(letter) for letter in "hello " * 4])
eye = np.eye(5)[:, None]
layer = GRU(5, 16, rng=0, dtype="float64")
head = Linear(16, 5, rng=1, dtype="float64")
optimiser = Adam([layer, head], lr=0.05)
for _ in range(20):
    logits = head(layer(eye[code[:-1]])[0])
    optimiser.zero_grad()
    layer.backward(
        head.backward(cross_entropy_gradient(logits, code[1:, None]))
    )
    optimiser.step()

text, state = "h", None
for _ in range(17):
    last = symbols.index(text[-1])
    output, state = layer(eye[last : last + 1], state)
    text += symbols[int(head(output).argmax())]
show("text", text)
