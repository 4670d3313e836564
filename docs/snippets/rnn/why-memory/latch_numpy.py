import numpy as np

from rnn_book import show
from rnn_book.numpy import RNN, example

layer = RNN(1, 1, bias=False, rng=0, dtype="float64")
w_x, w_h = np.array([[3.0]]), np.array([[2.0]])
layer.load_state_dict({"weight_ih_l0": w_x, "weight_hh_l0": w_h})

day = [0, 1, 0, 0, 0, -1, 0, 0, 1, 1, 0, 0]
output, _ = layer(example.sequence(day))
show("h", output[:, 0, 0])

rng = np.random.default_rng(0)
events = rng.choice([0, 1, -1], size=20_000, p=[0.98, 0.01, 0.01])
output, _ = layer(example.sequence(events))
is_open, right = False, 0
for event, h in zip(events, output[:, 0, 0], strict=True):
    is_open = event == 1 if event else is_open
    right += bool(h > 0) == is_open
show("right, with one unit", right / len(events))
