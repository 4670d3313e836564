import numpy as np
import torch

from rnn_book import record_gates, show
from rnn_book.torch import LSTM

x = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 2, 3)))
trained = LSTM(3, 4, num_layers=2, rng=0, dtype="float64").state_dict()
layer = torch.nn.LSTM(3, 4, num_layers=2, dtype=torch.float64)
layer.load_state_dict(trained)  # PyTorch's own layer, in any model of yours

gates = record_gates(layer, x)
show("layers", list(gates))
show("in each", list(gates["l0"]))
show("steps, sequences, units", tuple(gates["l1"]["f"].shape))
f = gates["l1"]["f"][:, 0]  # of the upper layer, for the first sequence
show("mean of f, unit by unit", f.mean(axis=0))
show("left after 6 steps", f.prod(axis=0))
