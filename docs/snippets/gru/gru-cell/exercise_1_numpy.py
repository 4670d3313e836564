from rnn_book import record_gates, show
from rnn_book.numpy import example

# A second mark, at step 4:
x = example.sequence([0.2, 1.0, -0.2, 1.0, -0.1, -1.0, 0.1])
show("GRU: h", record_gates(example.gru_layer(), x)["l0"]["h"][:, 0, 0])
show("LSTM: c", record_gates(example.layer(), x)["l0"]["c"][:, 0, 0])
