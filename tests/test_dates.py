"""The task of dates: what is written means what the ISO form says, and held out is held out."""

import datetime
import re

import pytest

from rnn_book.projects.dates.lines import (
    ISO_SYMBOLS,
    WRITTEN_SYMBOLS,
    write_date,
    written_dates,
)

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WORDS = {
    word: number
    for first, words in (
        (1, "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"),
        (13, "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"),
        (20, "twentieth"),
        (30, "thirtieth"),
    )
    for number, word in enumerate(words.split(), first)
}


def understood(text):
    """Read a date back, by other means than those that wrote it."""
    if found := re.fullmatch(r"(\d+)\.(\d+)\.(\d{4})", text):
        day, month, year = map(int, found.groups())
        return datetime.date(year, month, day)
    text = re.sub("(twenty|thirty)-", r"\1_", text.lower())
    words = re.findall(r"[a-z_]+|\d+", text)
    (year,) = [int(w) for w in words if re.fullmatch(r"\d{4}", w)]
    (month,) = [MONTHS.index(w[:3]) + 1 for w in words if w[:3] in MONTHS]
    days = [int(w) for w in words if re.fullmatch(r"\d{1,2}", w)]
    for word in words:
        tens, _, rest = word.partition("_")
        if tens in ("twenty", "thirty"):
            days.append({"twenty": 20, "thirty": 30}[tens] + WORDS[rest])
        elif word in WORDS:
            days.append(WORDS[word])
    (day,) = days
    return datetime.date(year, month, day)


@pytest.mark.parametrize("form", range(11))
def test_every_form_of_every_day_of_a_year_can_be_read_back(form):
    for k in range(366):
        day = datetime.date(2000, 1, 1) + datetime.timedelta(k)
        assert understood(write_date(day, form)) == day
        assert set(write_date(day, form)) <= set(WRITTEN_SYMBOLS)


def test_the_forms_are_those_that_people_write():
    day = datetime.date(1998, 3, 4)
    assert [write_date(day, form) for form in range(11)] == [
        "March 4th, 1998",
        "March 4, 1998",
        "4 March 1998",
        "4th of March 1998",
        "the fourth of March, 1998",
        "Wednesday, 4 Mar 1998",
        "Wed March 4, 1998",
        "Mar 4 1998",
        "4-Mar-1998",
        "4.3.1998",
        "1998, March 4",
    ]
    endings = {1: "st", 2: "nd", 3: "rd", 4: "th", 11: "th", 12: "th", 13: "th", 21: "st", 22: "nd"}
    for number, ending in endings.items():
        assert f"{number}{ending}," in write_date(datetime.date(1998, 3, number), 0)


def test_a_line_and_its_iso_form_hold_the_same_dates():
    lines = written_dates(300, rng=0, most=4)
    assert len(lines.written) == len(lines.iso) == 300
    counts = set()
    for written, iso in zip(*lines, strict=True):
        dates = re.split(" to | and |; ", written)
        assert [understood(text).isoformat() for text in dates] == iso.split(" ")
        assert set(written) <= set(WRITTEN_SYMBOLS)
        assert set(iso) <= set(ISO_SYMBOLS)
        counts.add(len(dates))
    assert counts == {1, 2, 3, 4}


def test_no_day_is_held_out_and_not():
    days = [
        {day for iso in written_dates(3000, rng=0, held_out=held).iso for day in iso.split(" ")}
        for held in (False, True)
    ]
    assert not days[0] & days[1]
    assert all(len(found) > 2000 for found in days)
    assert all("1900" <= min(found) < max(found) < "2100" for found in days)


def test_a_seed_gives_the_same_lines_again_and_another_others():
    assert written_dates(20, rng=1) == written_dates(20, rng=1)
    assert written_dates(20, rng=1) != written_dates(20, rng=2)


@pytest.mark.parametrize(
    "call, error, word",
    [
        (lambda: written_dates(0, rng=0), ValueError, "count"),
        (lambda: written_dates(1.0, rng=0), TypeError, "count"),
        (lambda: written_dates(1, rng=0, fewest=0), ValueError, "fewest"),
        (lambda: written_dates(1, rng=0, fewest=3, most=2), ValueError, "fewest"),
        (lambda: written_dates(1, rng=-1), TypeError, "rng"),
        (lambda: write_date("1998-03-04", 0), TypeError, "day"),
        (lambda: write_date(datetime.date(1998, 3, 4), 11), ValueError, "form"),
        (lambda: write_date(datetime.date(1998, 3, 4), -1), ValueError, "form"),
        (lambda: write_date(datetime.date(1998, 3, 4), "0"), TypeError, "form"),
    ],
)
def test_bad_arguments_are_named(call, error, word):
    with pytest.raises(error, match=word):
        call()
