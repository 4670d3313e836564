"""What a network has to beat: tomorrow as today, what the calendar knows, and a straight line."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_book.datasets import Weather, Windows
from rnn_book.projects.temperature.readings import AHEAD, PAST, cycle

__all__ = [
    "LEVEL",
    "Calendar",
    "Parts",
    "anomaly_share",
    "calibrated",
    "parts",
    "ridge_forecasts",
    "waves",
]

LEVEL = 0.8
"""Share of the days on which the temperature should fall into the interval."""

PENALTIES = (1e2, 1e3, 1e4, 3e4, 1e5, 3e5, 1e6)


class Parts(NamedTuple):
    """Windows of the three parts."""

    train: Windows
    validation: Windows
    test: Windows


def parts(weather: Weather) -> Parts:
    """48 hours in, the change over the next 24 out; no window leaves its block of 14 days."""
    return Parts(
        *(
            weather.windows(part, past=PAST, ahead=AHEAD, dtype=np.float32)
            for part in ("train", "validation", "test")
        )
    )


def waves(hours: NDArray[np.datetime64], yearly: bool) -> NDArray[np.float64]:
    """Waves of the calendar, (T, 5), or (T, 13) with the year.

    A constant, a daily wave and a yearly one, each with its first overtone; and products of the
    two, so that the daily one may grow and shrink with the season.
    """
    day, hour = cycle(hours)
    year, clock = 2 * np.pi * day / 365.25, 2 * np.pi * hour / 24
    found = [np.ones(len(day))]
    found += [wave(k * clock) for k in (1, 2) for wave in (np.cos, np.sin)]
    if yearly:
        found += [wave(k * year) for k in (1, 2) for wave in (np.cos, np.sin)]
        found += [a(year) * b(clock) for a in (np.cos, np.sin) for b in (np.cos, np.sin)]
    return np.stack(found, axis=1)


class Calendar(NamedTuple):
    """The temperature that is usual at an hour of a day of the year."""

    weights: NDArray[np.float64]
    """Of the waves."""

    @classmethod
    def fitted(cls, weather: Weather) -> Calendar:
        """Least squares on the training blocks; less than 300 days show no year."""
        table = waves(weather.hours, yearly=len(weather.hours) >= 300 * 24)
        train = np.concatenate([np.arange(b.start, b.stop) for b in weather.blocks("train")])
        train = train[weather.observed[train, 0]]
        weights, *_ = np.linalg.lstsq(table[train], weather.values[train, 0], rcond=None)
        return cls(weights)

    def usual(self, hours: NDArray[np.datetime64]) -> NDArray[np.float64]:
        """The usual temperature (T,) at these hours, °C."""
        table = waves(hours, yearly=len(self.weights) > 5)
        return np.asarray(table @ self.weights)

    def added(self, weather: Weather) -> Weather:
        """Two more inputs: what is usual now, and what is usual at the hour that is asked for."""
        ahead = np.timedelta64(AHEAD, "h")
        columns = [self.usual(weather.hours), self.usual(weather.hours + ahead)]
        return replace(
            weather,
            values=np.column_stack([weather.values, *columns]),
            observed=np.column_stack([weather.observed, *(np.ones(len(c), bool) for c in columns)]),
        )


def anomaly_share(weather: Weather, calendar: Calendar, train: Windows) -> float:
    """How much of what is unusual now is still there at the hour that is asked for."""
    unusual = weather.values[:, 0] - calendar.usual(weather.hours)
    now, later = unusual[train.now], unusual[train.now + AHEAD]
    return float(now @ later / (now @ now))


def ridge_forecasts(data: Parts) -> tuple[list[NDArray[np.float64]], float]:
    """Changes (N,) that a linear model expects in each part, and the penalty that validation chose.

    Least squares over all hours and features of a window, with a penalty on the weights' squares.
    """
    rows = [part.inputs.swapaxes(0, 1).reshape(len(part.now), -1).astype(float) for part in data]
    centre, level = rows[0].mean(axis=0), float(data.train.targets.mean())
    gram = (rows[0] - centre).T @ (rows[0] - centre)
    product = (rows[0] - centre).T @ (data.train.targets[:, 0] - level)
    found = {}
    for penalty in PENALTIES:
        weights = np.linalg.solve(gram + penalty * np.eye(len(gram)), product)
        found[penalty] = [(part - centre) @ weights + level for part in rows]
    truth = data.validation.targets[:, 0]
    best = min(found, key=lambda penalty: np.abs(found[penalty][1] - truth).mean())
    return found[best], best


def calibrated(
    low: NDArray, high: NDArray, truth: NDArray[np.floating], level: float = LEVEL
) -> float:
    """By how much to widen an interval so that it holds a share `level` of validation's truth.

    Romano, Patterson & Candès 2019 (arXiv 1905.03222). Negative where it was too wide. A forecast
    that is one number is an interval without width.
    """
    outside = np.maximum(low - truth, truth - high)
    rank = min(int(np.ceil((len(truth) + 1) * level)), len(truth))
    return float(np.sort(outside)[rank - 1])
