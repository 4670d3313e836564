from rnn_book import record_gates, show
from rnn_book.torch import example

x = example.sequence()
gates = record_gates(example.layer(), x)["l0"]
show("x", x[:, 0, 0])
show("f", gates["f"][:, 0].T)
show("c", gates["c"][:, 0].T)
