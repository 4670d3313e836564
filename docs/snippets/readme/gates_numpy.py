from rnn_book import record_gates, show
from rnn_book.numpy import example

gates = record_gates(example.layer(), example.sequence())["l0"]
show("forget gate", gates["f"][:, 0, 0])
show("cell state", gates["c"][:, 0, 0])
