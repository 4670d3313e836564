from rnn_book import record_gates, show
from rnn_book.torch import example

x = example.sequence()
gates = record_gates(example.gru_layer(), x)["l0"]
show("x", x[:, 0, 0])
show("keeper: h", gates["h"][:, 0, 0])
for letter in "rnh":
    show(f"speaker: {letter}", gates[letter][:, 0, 1])
