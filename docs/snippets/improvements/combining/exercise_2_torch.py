import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM, LayerNormLSTM

draw = np.random.default_rng(1)
x = torch.tensor(draw.standard_normal((6, 2, 3)))
mask = torch.tensor(draw.random((64, 16)) >= 0.5)
for layer_class in (LSTM, LayerNormLSTM):
    layer = layer_class(3, 16, rng=0, dtype="float64")
    weights = {name: 1.0 * value for name, value in layer.state_dict().items()}
    outputs = []
    for scale in (1.0, 2.0):  # without and with the 1 / (1 - p)
        layer.load_state_dict(
            {**weights, "weight_hh_l0": weights["weight_hh_l0"] * mask * scale}
        )
        outputs.append(layer(x)[0])
    show(
        f"{layer_class.__name__}: what the factor changes",
        abs(outputs[1] - outputs[0]).max(),
    )
