import numpy as np

from rnn_book import show
from rnn_book.datasets import weather

year = weather()
every = np.concatenate(
    [year.windows(p).now for p in ("train", "validation", "test")]
)
shuffled = np.random.default_rng(0).permutation(every)
train, test = shuffled[: len(every) * 4 // 5], shuffled[len(every) * 4 // 5 :]
nearest = np.abs(test[:, None] - train).min(axis=1)
show(
    "shuffled: share of test windows one hour from a training window",
    (nearest == 1).mean(),
)

train, test = year.windows("train").now, year.windows("test").now
nearest = np.abs(test[:, None] - train).min(axis=1)
show("in blocks: the smallest distance, in hours", nearest.min())
