from rnn_book import record_gates, show
from rnn_book.numpy import example

x = example.sequence()
x[3] = 1.0  # a second mark, at step 4
gates = record_gates(example.layer(), x)["l0"]
show("c", gates["c"][:, 0, 0])
show("h", gates["h"][:, 0, 0])
