import numpy as np
import torch

from rnn_book import show
from rnn_book.torch import LSTM

coins = torch.from_numpy(
    np.random.default_rng(3).integers(0, 2, (3000, 1, 1)) * 2.0 - 1.0
)
layers = {
    "one way": LSTM(1, 8, rng=1, dtype="float64"),
    "both ways": LSTM(1, 4, bidirectional=True, rng=1, dtype="float64"),
}
for name, layer in layers.items():
    with torch.no_grad():
        output, _ = layer(coins)
    for late in (0, 1):  # answer at once, or one step later
        features = output[late : 2998 + late, 0]
        target = coins[1:2999, 0]  # the next coin
        fit = torch.linalg.lstsq(features[:2000], target[:2000]).solution
        right = features[2000:] @ fit * target[2000:] > 0
        show(f"{name}, {late} late: next coin right", right.double().mean())
