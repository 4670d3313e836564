from rnn_book import show
from rnn_book.numpy import LSTM
from rnn_book.tasks import recall

layer = LSTM(8, 4, rng=0, dtype="float64")  # a unit for each symbol
weights = layer.state_dict()
for value in weights.values():
    value[:] = 0.0
for k in range(4):
    weights["weight_ih_l0"][k, k] = 40.0  # i: opens for its own symbol
    weights["weight_ih_l0"][8 + k, k] = 2.0  # g
weights["bias_ih_l0"][0:4] = -20.0
weights["bias_ih_l0"][4:8] = 50.0  # f
weights["bias_ih_l0"][12:16] = 50.0  # o
layer.load_state_dict(weights)

for steps in (10, 100, 1000):
    x, targets = recall(steps, 50, rng=3)
    _, (h, c) = layer(x)
    right = sum(int(h[0, n, targets[n]] > 0.5) for n in range(50))
    show(f"T={steps}: right of 50", right)
