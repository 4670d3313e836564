from rnn_book import show
from rnn_book.numpy import example

layer, x = example.layer(), example.sequence()
output, _ = layer(x)
show("one run", output[4:, 0, 0])

_, (h, c) = layer(x[:4])
states = {"h and c": (h, c), "h alone": (h, 0.0 * c), "neither": None}
for name, state in states.items():
    rest, _ = layer(x[4:], state)
    show(f"carried on with {name}", rest[:, 0, 0])
