"""Hourly readings: the book's airport, or a CSV file of one's own, checked line by line."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnn_book.datasets import Weather, weather
from rnn_book.projects.refusal import Refusal

__all__ = ["AHEAD", "PAST", "Readings", "book_readings", "read_csv"]

PAST, AHEAD = 48, 24
"""Hours that a forecast looks at, and hours until the one that it is for."""

COLDEST, HOTTEST = -90.0, 60.0
"""°C: a little beyond what was ever measured on Earth (-89.2 and 56.7, WMO)."""

MOST_MISSING = 0.2
BLOCKS = 5  # of 14 days: below that one of the three parts would have no block
_HOUR = np.timedelta64(1, "h")


@dataclass(frozen=True)
class Readings:
    """Hours without gaps, the names of their columns (temperature first), and their origin."""

    weather: Weather
    names: tuple[str, ...]
    source: str
    missing: int = field(default=0)
    """Hours that the file lacks: the last reading was carried into them."""


def book_readings() -> Readings:
    """Newark airport, 2013."""
    year = weather()
    return Readings(year, year.features, "Newark airport, 2013", int(year.report["missing_hours"]))


def read_csv(path: Path) -> Readings:
    """Readings from a CSV file with a header.

    It needs the columns ``time`` (as 2024-01-31T18:00, hourly, rising, in one time zone without
    summer time) and ``temperature`` (°C). Every other column must hold numbers and is a further
    input. An empty field, and an hour without a row, is a gap.

    Raises
    ------
    Refusal
        For the first thing that is wrong, with its line.
    """
    if not path.is_file():
        raise Refusal(f"there is no file {path}")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is no UTF-8 text: byte {error.start} does not belong") from error
    rows = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(rows, [])]
    _check_header(path, header)
    order = ["temperature", *(n for n in header if n not in ("time", "temperature"))]
    times: list[np.datetime64] = []
    values: list[list[float]] = []
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        where = f"{path}, line {number}"
        if len(row) != len(header):
            raise Refusal(f"{where}: {len(row)} fields, and the header has {len(header)}")
        fields = dict(zip(header, row, strict=True))
        times.append(_time(fields["time"].strip(), where, times))
        values.append([_number(fields[name].strip(), name, where) for name in order])
    return _readings(path, times, values, order, hashlib.sha256(raw).hexdigest())


def _check_header(path: Path, header: list[str]) -> None:
    for name in ("time", "temperature"):
        if name not in header:
            has = f"it has {', '.join(header)}" if header else "it is empty"
            raise Refusal(f"{path} must have a column named {name}; {has}")
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        raise Refusal(f"{path} has the column {doubled[0]} twice")


def _time(text: str, where: str, before: list[np.datetime64]) -> np.datetime64:
    try:
        exact = np.datetime64(text.removesuffix("Z").replace(" ", "T"), "s")
    except ValueError as error:
        raise Refusal(f"{where}: time should look like 2024-01-31T18:00, got {text!r}") from error
    time = exact.astype("datetime64[h]")
    if np.isnat(exact) or time != exact:
        raise Refusal(f"{where}: readings must be hourly, at full hours, got {text!r}")
    if before and time <= before[-1]:
        what = "appears twice" if time == before[-1] else "comes after a later one"
        raise Refusal(f"{where}: the time {text} {what}")
    return time


def _number(text: str, name: str, where: str) -> float:
    if not text or text in ("NA", "NaN", "nan"):
        return math.nan
    try:
        value = float(text)
    except ValueError as error:
        raise Refusal(f"{where}: {name} should be a number, got {text!r}") from error
    if not math.isfinite(value):
        raise Refusal(f"{where}: {name} should be a finite number, got {text}")
    if name == "temperature" and not COLDEST <= value <= HOTTEST:
        raise Refusal(
            f"{where}: a temperature of {text} cannot be in °C: convert °F by (F - 32) / 1.8 and "
            "kelvin by K - 273.15"
        )
    return value


def _readings(
    path: Path,
    times: list[np.datetime64],
    values: list[list[float]],
    names: list[str],
    sha256: str,
) -> Readings:
    if len(times) < 2:
        raise Refusal(f"{path} has {len(times)} readings")
    first, last = times[0], times[-1]
    hours = np.arange(first, last + _HOUR, _HOUR)
    table = np.full((len(hours), len(names)), np.nan)
    place = ((np.array(times) - first) // _HOUR).astype(int)
    table[place] = values
    observed = ~np.isnan(table)
    missing = len(hours) - len(times)
    for column, name in enumerate(names):
        share = 1 - observed[:, column].mean()
        if share > MOST_MISSING:
            raise Refusal(
                f"{path}: {name} is missing in {share:.0%} of the hours from {first} to {last}; "
                f"{MOST_MISSING:.0%} is the most"
            )
        if not observed[0, column]:
            raise Refusal(f"{path}: {name} is missing at the first hour, {first}")
    source = np.where(observed, np.arange(len(hours))[:, None], 0)
    carried = np.take_along_axis(table, np.maximum.accumulate(source, axis=0), axis=0)
    report = {"rows": float(len(times)), "missing_hours": float(missing)}
    return Readings(
        Weather(hours, carried, observed, report, sha256), tuple(names), path.name, missing
    )


def enough_to_train(readings: Readings) -> None:
    """Refuse what is too short to be cut into three parts.

    Raises
    ------
    Refusal
        If there are fewer than five blocks of 14 days.
    """
    hours = len(readings.weather.hours)
    if hours < BLOCKS * 14 * 24:
        raise Refusal(
            f"{readings.source} has {hours} hours; training needs {BLOCKS * 14 * 24}, five blocks "
            "of 14 days"
        )
    flat = np.flatnonzero(readings.weather.scale()[1] == 0)
    if len(flat):
        raise Refusal(f"{readings.source}: {readings.names[int(flat[0])]} never changes")


def cycle(hours: NDArray[np.datetime64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Day of the year, with its fraction, and hour of the day (both in the time of the data)."""
    year = hours.astype("datetime64[Y]")
    day = (hours - year) / np.timedelta64(24, "h")
    hour = (hours - hours.astype("datetime64[D]")) // _HOUR
    return day.astype(np.float64), hour.astype(np.int64)
