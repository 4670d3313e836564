import numpy as np

from rnn_book import show
from rnn_book.numpy import Attention

memory = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 1.0]], [[9.0, 9.0]]])
query = np.array([[[0.0, 2.0]], [[4.0, 0.0]]])  # two steps of a decoder
context, weights = Attention(2, 2, dtype="float64")(query, memory, [3])
show("scores of step 1", (memory[:3, 0] * query[0, 0]).sum(axis=-1))
show("weights", weights[:, 0])
show("context", context[:, 0])
