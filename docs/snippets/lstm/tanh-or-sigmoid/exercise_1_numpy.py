from rnn_book import show
from rnn_book.numpy import example, sigmoid, tanh

values = [1.0, -1.0] * 10  # one unit, gates open: c only adds
for name, node in {"tanh": tanh, "sigmoid": sigmoid}.items():
    c = 0.0
    for x_t in example.sequence(values)[:, 0, 0]:
        c = c + node(2.0 * x_t)
    show(f"{name}: c after ten ups and ten downs", c)
