import numpy as np
import torch

from rnn_book import record_gates, show
from rnn_book.torch import LSTM, CoupledLSTM, NoForgetGateLSTM

x = torch.tensor(np.random.default_rng(1).standard_normal((2000, 1, 3)))
for layer_class in (LSTM, CoupledLSTM, NoForgetGateLSTM):
    layer = layer_class(3, 32, rng=0, dtype="float64")
    weights = layer.state_dict()
    for name in weights:
        weights[name] *= 3
    layer.load_state_dict(weights)
    c = record_gates(layer, x)["l0"]["c"]
    show(f"{layer_class.__name__}: largest c", abs(c).max())
