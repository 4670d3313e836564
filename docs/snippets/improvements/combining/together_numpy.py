import numpy as np

from rnn_book import show
from rnn_book.numpy import LSTM

layer = LSTM(
    *(3, 4, 2),  # inputs, units, layers
    bidirectional=True,
    forget_bias=1.0,
    dropout=0.2,
    recurrent_dropout=0.25,
    zoneout=0.1,
    weight_drop=0.3,
    rng=0,
    dtype="float64",
)
x = np.random.default_rng(1).standard_normal((6, 2, 3))

layer(x)
for place in ("l0", "l1_reverse"):
    for name, mask in layer.last_masks[place].items():
        show(f"{place}: {name}", tuple(mask.shape))
layer.eval()
apart = abs(layer(x)[0] - layer(x)[0]).max()
show("in evaluation: masks, difference", (len(layer.last_masks), apart))
