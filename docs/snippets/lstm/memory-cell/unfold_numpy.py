from rnn_book import show
from rnn_book.numpy import example

cell = example.cell()
state = None  # h and c start at 0
for t, x_t in enumerate(example.sequence(), start=1):
    h, c = state = cell(x_t, state)
    show(f"step {t}: x, c", (x_t[0, 0], c[0]))
