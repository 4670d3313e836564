from rnn_book import record_gates, show
from rnn_book.numpy import example

steps = [0, 2, 9, 99]  # after 1, 3, 10 and 100 marks
stream = example.sequence([1.0] * 100)
c = record_gates(example.layer(), stream)["l0"]["c"]
show("LSTM: c", c[steps, 0, 0])

layer = example.gru_layer()
h = record_gates(layer, stream)["l0"]["h"]
show("GRU: h", h[steps, 0, 0])
