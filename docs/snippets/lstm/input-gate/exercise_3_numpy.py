from math import atanh

from rnn_book import record_gates, show
from rnn_book.numpy import example

layer = example.layer()
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][0:4] = 50.0  # i = f = 1
weights["bias_ih_l0"][4:6] = atanh(0.1)  # g = 0.1
layer.load_state_dict(weights)
c = record_gates(layer, example.sequence([0.0] * 12))["l0"]["c"]
show("c", c[:, 0, 0])
