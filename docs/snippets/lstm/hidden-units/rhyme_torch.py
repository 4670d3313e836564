import numpy as np
import torch

from rnn_book import record_gates, show
from rnn_book.datasets import Vocabulary, rhyme
from rnn_book.torch import LSTM

text = rhyme().train
vocabulary = Vocabulary(text)
layer = LSTM(len(vocabulary), 1, rng=0, dtype="float64")
weights = {name: 0.0 * value for name, value in layer.state_dict().items()}
i, f, g, o = range(4)
weights["bias_ih_l0"][[f, o]] = 50.0  # both open, always
weights["bias_ih_l0"][i] = -50.0  # shut,
weights["weight_ih_l0"][i, int(vocabulary.encode("T")[0])] = (
    100.0  # but for a T
)
weights["bias_ih_l0"][g] = float(np.arctanh(0.1))  # what is written
layer.load_state_dict(weights)

numbers = torch.from_numpy(vocabulary.encode(text))
x = torch.eye(len(vocabulary)).double()[numbers][:, None]
c = record_gates(layer, x)["l0"]["c"][:, 0, 0]
read = [k for k in range(len(text)) if text[:k].endswith("This is the ")]
show("characters read before the animal", read)
show("cell state there", c[np.array(read) - 1])
