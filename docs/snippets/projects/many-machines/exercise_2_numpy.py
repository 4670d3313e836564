import numpy as np

from rnn_book import show
from rnn_book.projects.scaling import estimate

seconds, weights, speed = 0.2, 1_000_000, 125e6
for processes in (2, 4, 8, 16):
    show(f"{processes} machines", estimate(seconds, weights, processes, speed))
show(
    "no number of them gets beyond",
    np.float64(seconds / (2 * weights * 4 / speed)),
)
