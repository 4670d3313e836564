import numpy as np

from rnn_book import show
from rnn_book.datasets import weather
from rnn_book.projects.temperature.rivals import Calendar, anomaly_share

year = weather()
calendar = Calendar.fitted(year)
usual = calendar.usual(year.hours)
share = anomaly_share(year, calendar, year.windows("train"))
show("share of the anomaly that is still there tomorrow", share)

now = year.windows("test").now
truth, unusual = year.values[now + 24, 0], year.values[now, 0] - usual[now]
show("as now: error in °C", np.abs(year.values[now, 0] - truth).mean())
show("as usual", np.abs(usual[now + 24] - truth).mean())
show(
    "as usual, and that share",
    np.abs(usual[now + 24] + share * unusual - truth).mean(),
)
