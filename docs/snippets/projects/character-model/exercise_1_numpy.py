import numpy as np

from rnn_book import show

symbols = 96
show("every symbol alike", np.log2(symbols))
often = np.array([0.25] + [0.75 / 95] * 95)
show("one of them a quarter of the time", -(often * np.log2(often)).sum())
