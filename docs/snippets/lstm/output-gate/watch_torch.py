from rnn_book import record_gates, show
from rnn_book.torch import example

gates = record_gates(example.layer(), example.sequence())["l0"]
for name in "coh":
    show(name, gates[name][:, 0].T)
