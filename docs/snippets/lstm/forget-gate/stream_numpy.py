from rnn_book import record_gates, show
from rnn_book.numpy import example

layer = example.layer()
stream = example.sequence([1.0] * 1000)  # a mark at every step
steps = [0, 9, 99, 999]
show("as it is: c", record_gates(layer, stream)["l0"]["c"][steps, 0].T)

weights = layer.state_dict()
weights["bias_ih_l0"][2:4] = 50.0
layer.load_state_dict(weights)
show("never forgets: c", record_gates(layer, stream)["l0"]["c"][steps, 0].T)
