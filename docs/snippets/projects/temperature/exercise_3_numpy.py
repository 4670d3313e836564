import numpy as np

from rnn_book import show
from rnn_book.datasets import weather
from rnn_book.projects.temperature.rivals import Calendar

year = weather()
unusual = year.values[:, 0] - Calendar.fitted(year).usual(year.hours)
for ahead in (1, 6, 12, 24, 48, 96):
    now = year.windows("train", ahead=ahead).now
    share = np.sum(unusual[now] * unusual[now + ahead]) / np.sum(
        unusual[now] ** 2
    )
    show(f"after {ahead} hours", share)
