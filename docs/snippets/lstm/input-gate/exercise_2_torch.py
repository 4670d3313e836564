from rnn_book import record_gates, show
from rnn_book.torch import example

stream = example.sequence([1.0] * 2000)  # a mark at every step
gates = record_gates(example.layer(), stream)["l0"]
i, f, g, c = (gates[name][-1, 0] for name in "ifgc")
show("i * g / (1 - f)", i * g / (1 - f))
show("c after 2000 steps", c)
