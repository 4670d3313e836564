from math import atanh

import torch

from rnn_book import record_gates, show
from rnn_book.torch import PeepholeLSTM

layer = PeepholeLSTM(1, 1, rng=0, dtype="float64")
weights = {name: 0 * value for name, value in layer.state_dict().items()}
weights["bias_ih_l0"][:] = torch.tensor(
    [50, 190, atanh(0.1), -190]
)  # i, f, g, o
weights["weight_peephole_l0"][:] = torch.tensor(
    [0, -200, 200]
)  # i, f, o: half open at c = 0.95
layer.load_state_dict(weights)

h = record_gates(layer, torch.zeros(35, 1, 1, dtype=torch.float64))["l0"]["h"][
    :, 0, 0
]
show(
    "ticks at steps",
    [step for step, value in enumerate(h, start=1) if value > 0.5],
)
