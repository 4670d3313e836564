import numpy as np

from rnn_book import show
from rnn_book.grammars import REBER_SYMBOLS, continual_reber, legal_next

stream = continual_reber(36, 1, rng=7)
symbols = np.array(list(REBER_SYMBOLS))[stream.inputs[:, 0].argmax(axis=-1)]
text = "".join(symbols)
show("stream", text)
show("begins", "".join("^" if s else " " for s in stream.starts[:, 0]))
show("may follow", legal_next(text)[:24])
show("needs memory", np.flatnonzero(stream.needs_memory[:, 0]) + 1)
