"""Networks that forecast the temperature, their training, and the months that test them."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from rnn_book.datasets import Weather, Windows, weather
from rnn_book.torch import LSTM, Adam, Dropout, Linear, clip_grad_norm

__all__ = [
    "DenseForecast",
    "Looks",
    "Parts",
    "RecurrentForecast",
    "absolute_error",
    "forecasts",
    "lag_of",
    "month_of",
    "month_parts",
    "shuffled",
    "train_forecast",
    "windows",
]

PAST, AHEAD = 48, 24
BATCH = 64
BLOCK = 14 * 24  # hours; every fifth such block is for validation
SPAN = np.arange(1 - PAST, AHEAD + 1)  # hours that a window touches, from now


class Parts(NamedTuple):
    """Windows of the three parts of the year."""

    train: Windows
    validation: Windows
    test: Windows


def windows() -> Parts:
    """48 hours in, the change of temperature over the next 24 hours out; blocks of 14 days."""
    year = weather()
    return Parts(
        *(
            year.windows(part, past=PAST, ahead=AHEAD, dtype=np.float32)
            for part in ("train", "validation", "test")
        )
    )


def month_of(year: Weather) -> NDArray[np.int64]:
    """Month (T,) of every hour, 1 to 12."""
    return (year.hours.astype("datetime64[M]").astype(int) % 12) + 1


def month_parts(month: int, *, scaled_by: str = "train") -> Parts:
    """One month for testing; of the rest of the year every fifth fortnight for validation.

    A window belongs to a part only if all of its hours do, past and future: no two parts share an
    hour.

    Parameters
    ----------
    month
        1 to 12.
    scaled_by
        ``"train"``: inputs are scaled by mean and deviation of training hours. ``"all"``: by those
        of the whole year, test month included, which is a mistake to be measured.
    """
    year = weather()
    hours = np.arange(len(year.hours))
    part = np.where((hours // BLOCK) % 5 == 2, 1, 0)
    part[month_of(year) == month] = 2
    known = year.observed & ((part == 0)[:, None] if scaled_by == "train" else True)
    values = np.where(known, year.values, np.nan)
    scaled = (year.values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)
    return Parts(*(_cut(year, scaled, part, which) for which in range(3)))


def _cut(year: Weather, scaled: NDArray, part: NDArray, which: int) -> Windows:
    now = np.arange(PAST - 1, len(year.hours) - AHEAD)
    now = now[(part[now + SPAN[:, None]] == which).all(axis=0)]
    usable = year.observed[now, 0] & year.observed[now + AHEAD, 0]
    now = now[usable]
    inputs = scaled[now + SPAN[:PAST, None]]
    targets = year.values[now + AHEAD, :1] - year.values[now, :1]
    return Windows(inputs.astype(np.float32), targets.astype(np.float32), now, int((~usable).sum()))


def shuffled(rng: np.random.Generator) -> Parts:
    """All windows of the year, dealt at random to the parts: a mistake to be measured.

    Neighbours share 47 of 48 hours, so that nearly every test window has a twin in training.
    """
    year = weather()
    part = np.zeros(len(year.hours), int)
    known = np.where(year.observed, year.values, np.nan)
    scaled = (year.values - np.nanmean(known, axis=0)) / np.nanstd(known, axis=0)
    whole = _cut(year, scaled, part, 0)
    deal = rng.permutation(len(whole.now))
    cuts = np.split(deal, [round(0.7 * len(deal)), round(0.85 * len(deal))])
    return Parts(
        *(
            Windows(whole.inputs[:, index], whole.targets[index], whole.now[index], 0)
            for index in cuts
        )
    )


class RecurrentForecast(torch.nn.Module):
    """An LSTM that reads the hours, and a linear map of its last output.

    Parameters
    ----------
    features, hidden
        Sizes.
    scale
        Standard deviation of the changes, °C, by which the net's output is multiplied.
    rng
        For weights, then masks.
    output_dropout
        Probability of dropout between the LSTM and the linear map.
    **options
        Of `rnn_book.torch.LSTM`.
    """

    def __init__(
        self,
        features: int,
        hidden: int,
        scale: float,
        *,
        rng: np.random.Generator,
        output_dropout: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__()
        self.lstm = LSTM(features, hidden, rng=rng, forget_bias=1.0, **options)
        self.drop = Dropout(output_dropout, rng=rng)
        self.linear = Linear(hidden, 1, rng=rng)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Change of temperature (N, 1), °C, after the hours (T, N, F)."""
        output, _ = self.lstm(x)
        return self.linear(self.drop(output[-1])) * self.scale


class DenseForecast(torch.nn.Module):
    """A hidden layer over all hours and features; parameters as for `RecurrentForecast`."""

    def __init__(
        self,
        features: int,
        hidden: int,
        scale: float,
        *,
        rng: np.random.Generator,
        output_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.first = Linear(PAST * features, hidden, rng=rng)
        self.drop = Dropout(output_dropout, rng=rng)
        self.linear = Linear(hidden, 1, rng=rng)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """Change of temperature (N, 1), °C, after the hours (T, N, F)."""
        hidden = torch.relu(self.first(x.transpose(0, 1).flatten(1)))
        return self.linear(self.drop(hidden)) * self.scale


def forecasts(net: torch.nn.Module, part: Windows) -> NDArray[np.float32]:
    """Changes (N, 1), °C, in evaluation mode; leaves training mode."""
    net.eval()
    with torch.no_grad():
        found: NDArray[np.float32] = net(torch.from_numpy(part.inputs)).numpy()
    return found


def absolute_error(net: torch.nn.Module, part: Windows) -> float:
    """Mean absolute error, °C, in evaluation mode; leaves training mode."""
    return float(np.abs(forecasts(net, part) - part.targets).mean())


def lag_of(forecast: ArrayLike, part: Windows, year: Weather) -> int:
    """By how many hours a forecast is late: the shift at which it looks most like the truth.

    Parameters
    ----------
    forecast
        (N, 1) changes of temperature; forecast temperatures are compared with the observed ones 0
        to 36 hours before the hour that they are for.
    part
        The windows.
    year
        Where the windows were cut from.
    """
    ahead = year.values[part.now, 0] + np.asarray(forecast, float)[:, 0]
    likeness = []
    for lag in range(37):
        place = part.now + AHEAD - lag
        likeness.append(float(np.corrcoef(ahead, year.values[place, 0])[0, 1]))
    return int(np.argmax(likeness))


class Looks(NamedTuple):
    """How long a network is trained."""

    every: int
    """Updates from one look at validation windows to the next."""
    patience: int
    """Looks without a better one after which training ends."""
    most: int
    """Looks after which training ends in any case."""


def train_forecast(
    net: torch.nn.Module,
    data: Parts,
    *,
    rate: float,
    looks: Looks,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Train on the mean absolute error; the best look at the validation windows is kept.

    Parameters
    ----------
    net
        Left in evaluation mode, with the weights of the best look.
    data
        The windows.
    rate
        Adam's.
    looks
        How often the validation windows are looked at, and for how long.
    rng
        For the order of the windows.

    Returns
    -------
    dict
        ``updates``, and the errors ``train`` and ``validation`` at each look; ``best``, the
        place of the best look; ``test`` of its weights, and ``test_at_end`` of the last ones.
    """
    inputs = torch.from_numpy(data.train.inputs)
    targets = torch.from_numpy(data.train.targets)
    seen = rng.permutation(len(targets))[: len(data.validation.targets)]
    sample = data.train._replace(
        inputs=data.train.inputs[:, seen], targets=data.train.targets[seen]
    )
    watched = {"train": sample, "validation": data.validation}
    found: dict[str, Any] = {"updates": [], **{name: [] for name in watched}}
    errors = found["validation"]
    optimiser = Adam(net, rate)
    kept, best = copy.deepcopy(net.state_dict()), 0
    batches: list[NDArray] = []
    while len(errors) < looks.most and len(errors) - best <= looks.patience:
        for _ in range(looks.every):
            if not batches:
                batches = np.array_split(rng.permutation(len(targets)), len(targets) // BATCH)
            chosen = torch.from_numpy(batches.pop())
            net.train()
            loss = (net(inputs[:, chosen]) - targets[chosen]).abs().mean()
            optimiser.zero_grad()
            loss.backward()
            clip_grad_norm(net, 1.0)
            optimiser.step()
        for name, part in watched.items():
            found[name].append(absolute_error(net, part))
        found["updates"].append(looks.every * len(errors))
        if errors[-1] <= min(errors):
            kept, best = copy.deepcopy(net.state_dict()), len(errors) - 1
    found["test_at_end"] = absolute_error(net, data.test)
    net.load_state_dict(kept)
    return {**found, "best": best, "test": absolute_error(net, data.test)}
