from rnn_book import record_gates, show
from rnn_book.torch import example

x = example.sequence()
x[3] = -1.0  # a first question, at step 4
gates = record_gates(example.layer(), x)["l0"]
for name in "fch":
    show(name, gates[name][:, 0, 0])
