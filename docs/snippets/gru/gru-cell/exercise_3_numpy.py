from math import log

from rnn_book import show
from rnn_book.numpy import GRU, example

layer, x = GRU(1, 1, rng=0, dtype="float64"), example.sequence()
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][1] = log(0.9 / 0.1)  # z = 0.9
weights["weight_ih_l0"][2] = 0.001  # tanh is straight there
layer.load_state_dict(weights)
output, _ = layer(x)

average, averages = 0.0, []
for value in x[:, 0, 0]:
    average = 0.9 * average + 0.1 * value
    averages.append(average)
show("GRU, times 1000", 1000 * output[:, 0, 0])
show("average", averages)
