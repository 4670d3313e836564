from rnn_book import record_gates, show
from rnn_book.numpy import example

gates = record_gates(example.layer(), example.sequence())["l0"]
i, g, c = (gates[name][:, 0].T for name in "igc")
show("i", i)
show("g", g)
show("i * g", i * g)
show("c", c)
