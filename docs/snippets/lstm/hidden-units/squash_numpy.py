from rnn_book import record_gates, show
from rnn_book.numpy import example

for marks in (1, 2, 3, 10):
    x = example.sequence([1.0] * marks + [-1.0])  # and then the question
    gates = record_gates(example.layer(), x)["l0"]
    c, h = gates["c"][-1, 0, 0], gates["h"][-1, 0, 0]
    show(f"marks: {marks}, c and h", (c, h))
