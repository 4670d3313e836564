import numpy as np

from rnn_book import show
from rnn_book.datasets import weather

year = weather()
mean, deviation = year.scale()
show("from training blocks", [mean[0], deviation[0]])
show(
    "from the whole year",
    [np.mean(year.values[:, 0]), np.std(year.values[:, 0])],
)
