import torch

from rnn_book import record_gates, show
from rnn_book.torch import CoupledLSTM, example

layer = CoupledLSTM(1, 1, rng=0, dtype="float64")
weights = {name: 0 * value for name, value in layer.state_dict().items()}
weights["weight_ih_l0"][:, 0] = torch.tensor([-10, 2, -10])  # f, g, o
weights["bias_ih_l0"][:] = torch.tensor([5, 0, -5])
layer.load_state_dict(weights)

for marks in (1, 2, 3):
    x = example.sequence([1.0] * marks + [-1.0])  # and then the question
    plain = record_gates(example.layer(), x)["l0"]["c"][marks - 1, 0, 0]
    coupled = record_gates(layer, x)["l0"]["c"][marks - 1, 0, 0]
    show(f"marks: {marks}, c plain and coupled", (plain, coupled))
