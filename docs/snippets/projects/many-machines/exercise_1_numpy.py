import numpy as np

from rnn_book import show
from rnn_book.projects.scaling import bytes_moved

weights = 1_000_000
for processes in (2, 4, 8, 64):
    show(
        f"{processes} processes, megabytes",
        bytes_moved(weights, processes) / 1e6,
    )
show("the limit", np.float64(2 * weights * 4 / 1e6))
