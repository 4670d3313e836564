"""Dates: a line as people write it in, the same dates in ISO form out.

The networks of the chapter on attention, which ``python -m rnn_book.projects.dates`` trains; two of
them ship with the package.
"""

from rnn_book.projects.dates.lines import BREAK, ISO, WRITTEN, encode_dates, written_dates
from rnn_book.projects.dates.trained import date_model

__all__ = ["BREAK", "ISO", "WRITTEN", "date_model", "encode_dates", "written_dates"]
