from rnn_book import record_gates, show
from rnn_book.torch import example

layer = example.layer()
marked, plain = example.sequence(), example.sequence()
plain[1] = 0.0  # step 2 without its mark; Python counts from 0
with_mark = record_gates(layer, marked)["l0"]["c"]
without = record_gates(layer, plain)["l0"]["c"]
show("trace in c", (with_mark - without)[:, 0].T)
