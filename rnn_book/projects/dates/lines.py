"""Dates as people write them, and in ISO form: a task in which one sequence becomes another.

A line holds one date or several, each in a form drawn at random. Every tenth day of the calendar is
held out: no date of a held-out line is ever in a line of the other kind, in whatever form.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_book.checks import check_size
from rnn_book.datasets.vocabulary import Vocabulary
from rnn_book.draws import Rng, generator

__all__ = [
    "BREAK",
    "ISO",
    "ISO_SYMBOLS",
    "WRITTEN",
    "WRITTEN_SYMBOLS",
    "WrittenDates",
    "encode_dates",
    "write_date",
    "written_dates",
]

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
HELD_OUT = 10  # one day in so many

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second"),
    *("twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh"),
    *("twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"),
)
_BETWEEN = (" to ", " and ", "; ")


def _ordinal(day: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(0 if 10 < day < 14 else day % 10, "th")
    return f"{day}{ending}"


_FORMS: tuple[Callable[[datetime.date], str], ...] = (
    lambda d: f"{_MONTHS[d.month - 1]} {_ordinal(d.day)}, {d.year}",
    lambda d: f"{_MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{_ordinal(d.day)} of {_MONTHS[d.month - 1]} {d.year}",
    lambda d: f"the {_ORDINALS[d.day - 1]} of {_MONTHS[d.month - 1]}, {d.year}",
    lambda d: f"{_DAYS[d.weekday()]}, {d.day} {_MONTHS[d.month - 1][:3]} {d.year}",
    lambda d: f"{_DAYS[d.weekday()][:3]} {_MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: f"{_MONTHS[d.month - 1][:3]} {d.day} {d.year}",
    lambda d: f"{d.day}-{_MONTHS[d.month - 1][:3]}-{d.year}",
    lambda d: f"{d.day}.{d.month}.{d.year}",
    lambda d: f"{d.year}, {_MONTHS[d.month - 1]} {d.day}",
)

WRITTEN_SYMBOLS = "".join(
    sorted(set("".join((*_MONTHS, *_DAYS, *_ORDINALS, *_BETWEEN, "stndrdth of the ,.-0123456789"))))
)
"""Every character that a written line may hold."""

ISO_SYMBOLS = "\n -0123456789"
"""Every character of a line in ISO form, and the line break that begins and ends it."""

WRITTEN = Vocabulary(WRITTEN_SYMBOLS)
"""The numbers of the characters that are read."""

ISO = Vocabulary(ISO_SYMBOLS)
"""The numbers of the characters that are written."""

BREAK = int(ISO.encode("\n")[0])
"""The number of the line break, with which every target begins and ends."""


class WrittenDates(NamedTuple):
    """Lines of dates, and the same lines in ISO form."""

    written: list[str]
    """Such as ``"March 4th, 1998 to 11.2.2003"``."""
    iso: list[str]
    """Such as ``"1998-03-04 2003-02-11"``."""


def write_date(day: datetime.date, form: int) -> str:
    """A date as people write it.

    Parameters
    ----------
    day
        The date.
    form
        One of the eleven forms, 0 to 10: with the month's name first or the day first, with the
        day of the week, abbreviated, spelled out, or in digits alone (day before month).

    Raises
    ------
    TypeError
        If `day` is no date, or `form` no integer.
    ValueError
        If there is no such form.
    """
    if not isinstance(day, datetime.date):
        raise TypeError(f"day must be a datetime.date, got a {type(day).__name__}")
    if isinstance(form, bool) or not isinstance(form, int | np.integer):
        raise TypeError(f"form must be an integer, got {form!r}")
    if not 0 <= form < len(_FORMS):
        raise ValueError(f"form must lie between 0 and {len(_FORMS) - 1}, got {form}")
    return _FORMS[form](day)


def written_dates(
    count: int, *, rng: Rng, fewest: int = 1, most: int = 3, held_out: bool = False
) -> WrittenDates:
    """Lines with dates of the years 1900 to 2099, written by hand and in ISO form.

    Parameters
    ----------
    count
        Number of lines.
    rng
        Seed or generator.
    fewest, most
        A line holds so many dates, each number equally often; the dates are joined by "to", "and"
        or a semicolon.
    held_out
        Whether the dates are those that no line has without it: one day in ten.

    Returns
    -------
    WrittenDates
        Two lists of `count` strings.

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If a number is below 1, or `fewest` above `most`.
    """
    count, fewest, most = (
        check_size(name, value)
        for name, value in (("count", count), ("fewest", fewest), ("most", most))
    )
    if fewest > most:
        raise ValueError(f"fewest must not be above most, got {fewest} and {most}")
    rng = generator(rng)
    days = (LAST - FIRST).days + 1
    found = WrittenDates([], [])
    for _ in range(count):
        line, iso = "", []
        for k in range(int(rng.integers(fewest, most + 1))):
            # The last day of each ten is held out; nine of ten are left for the others.
            block = int(rng.integers(days // HELD_OUT))
            place = HELD_OUT - 1 if held_out else int(rng.integers(HELD_OUT - 1))
            day = FIRST + datetime.timedelta(HELD_OUT * block + place)
            line += _BETWEEN[rng.integers(len(_BETWEEN))] if k else ""
            line += _FORMS[rng.integers(len(_FORMS))](day)
            iso.append(day.isoformat())
        found.written.append(line)
        found.iso.append(" ".join(iso))
    return found


def encode_dates(
    written: Sequence[str], iso: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Numbers for an encoder and a decoder, from lines and their ISO forms.

    Parameters
    ----------
    written, iso
        N lines each. What is no character of the task gets the number 0.

    Returns
    -------
    source
        (T, N), filled up with 0.
    lengths
        (N,): characters of each line.
    target
        (S, N): each ISO form between two line breaks, filled up with 0. Its first S - 1 rows are
        what a decoder is fed, its last S - 1 what it should answer.

    Raises
    ------
    ValueError
        If the two are not equally many, or there is none.
    """
    if len(written) != len(iso) or not written:
        raise ValueError(
            f"written and iso must hold equally many lines, one or more, got {len(written)} and "
            f"{len(iso)}"
        )
    source, lengths = WRITTEN.encode_batch(written)
    target, _ = ISO.encode_batch([f"\n{text}\n" for text in iso])
    return source, lengths, target
