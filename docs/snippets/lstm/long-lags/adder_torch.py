import torch

from rnn_book import show
from rnn_book.tasks import adding, adding_baseline
from rnn_book.torch import LSTM, mean_squared_error

layer = LSTM(2, 1, rng=0, dtype="float64")  # one unit: number and mark come in
weights = layer.state_dict()
for value in weights.values():
    value[:] = 0.0
weights["weight_ih_l0"][0, 1] = 40.0  # i: a mark opens it,
weights["bias_ih_l0"][0] = -20.0  # otherwise it is shut
weights["bias_ih_l0"][1] = 50.0  # f: always open
weights["weight_ih_l0"][2, 0] = 0.01  # g: the number, small
weights["bias_ih_l0"][3] = 50.0  # o: always open
layer.load_state_dict(weights)

show("guessing the mean: error", adding_baseline())
for steps in (10, 1000, 10000):
    x, targets = adding(steps, 20, rng=3)
    _, (h, c) = layer(torch.from_numpy(x))
    answers = 100.0 * h[0]
    show(f"T={steps}: answer, sum", (answers[0, 0], targets[0, 0]))
    show("   error", mean_squared_error(answers, targets))
