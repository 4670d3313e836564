"""From readings to a model that is worth keeping, and to a plain comparison with its rivals."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_book.projects import storage
from rnn_book.projects.refusal import Refusal
from rnn_book.projects.temperature.network import KINDS, build, fit, quantiles
from rnn_book.projects.temperature.readings import (
    AHEAD,
    PAST,
    Readings,
    cycle,
    enough_to_train,
)
from rnn_book.projects.temperature.rivals import (
    LEVEL,
    Calendar,
    Parts,
    anomaly_share,
    calibrated,
    parts,
    ridge_forecasts,
)

__all__ = ["KIND_OF_FILE", "Model", "comparison", "train"]

KIND_OF_FILE = "temperature_model"
OWN = ("scale.mean", "scale.deviation", "calendar.weights")  # beside the network's weights
SEASONS = ("winter", "spring", "summer", "autumn")


class Model:
    """A trained network with what it takes to use it: scales, names and the width of intervals."""

    def __init__(self, arrays: dict[str, NDArray], record: dict[str, Any]) -> None:
        self.record = record
        self.mean, self.deviation = arrays["scale.mean"], arrays["scale.deviation"]
        self.calendar = Calendar(arrays["calendar.weights"])
        sizes = (len(self.mean), record["hidden"], record["change"])
        self.net = build(record["kind"], *sizes, seed=0)
        weights = {n: torch.from_numpy(a) for n, a in arrays.items() if n not in OWN}
        self.net.load_state_dict(weights)
        self.net.eval()

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read what `train` wrote.

        Raises
        ------
        Refusal
            If there is no such file, or it holds something else.
        """
        arrays, record = storage.read(path, KIND_OF_FILE)
        try:
            return cls(arrays, record)
        except (KeyError, RuntimeError, TypeError) as error:
            text = str(error).splitlines()[0]
            raise Refusal(f"{path} is no whole model of the temperature: {text}") from error

    def check_names(self, readings: Readings) -> None:
        """Refuse readings with other columns than the model learned from.

        Raises
        ------
        Refusal
            If they have.
        """
        wanted = tuple(self.record["names"])
        if readings.names != wanted:
            raise Refusal(
                f"the model was trained on the columns {', '.join(wanted)}, and {readings.source} "
                f"has {', '.join(readings.names)}"
            )

    def after(self, readings: Readings, hour: int) -> tuple[float, float, float]:
        """Temperature 24 hours after an hour: low, median and high, °C.

        Raises
        ------
        Refusal
            If there are not 48 hours up to it, or no temperature was read in it.
        """
        weather = readings.weather
        if hour < PAST - 1:
            raise Refusal(f"{readings.source} has {hour + 1} hours up to then; {PAST} are needed")
        if not weather.observed[hour, 0]:
            raise Refusal(f"{readings.source} has no temperature at {weather.hours[hour]}")
        past = replace(
            weather,
            hours=weather.hours[hour - PAST + 1 : hour + 1],
            values=weather.values[hour - PAST + 1 : hour + 1],
            observed=weather.observed[hour - PAST + 1 : hour + 1],
        )
        rows = self.calendar.added(past).values
        x = ((rows - self.mean) / self.deviation).astype(np.float32)
        with torch.no_grad():
            low, middle, high = np.sort(self.net(torch.from_numpy(x)[:, None]).numpy()[0])
        now, wider = float(weather.values[hour, 0]), self.record["wider"]
        return now + float(low) - wider, now + float(middle), now + float(high) + wider


def train(
    readings: Readings, to: Path, *, seeds: int, hidden: int, epochs: int, rate: float, note: Any
) -> dict[str, Any]:
    """Train every kind with every seed; keep the recurrent network that validation likes best.

    Parameters
    ----------
    readings
        At least five blocks of 14 days.
    to
        File for the model.
    seeds, hidden, epochs, rate
        As the command says.
    note
        Is called with a line after each network.

    Returns
    -------
    dict
        The record, which is in the file as well: every curve, and every error on test windows.
    """
    enough_to_train(readings)
    for name, value in {"seeds": seeds, "hidden": hidden, "epochs": epochs}.items():
        if value < 1:
            raise Refusal(f"--{name} must be at least 1, got {value}")
    if not rate > 0:
        raise Refusal(f"--rate must be positive, got {rate}")
    calendar = Calendar.fitted(readings.weather)
    weather = calendar.added(readings.weather)
    data = parts(weather)
    change = float(data.train.targets.std())
    truth = [part.targets[:, 0] for part in data]
    runs, best = [], None
    begun = time.process_time()
    for kind in KINDS:
        for seed in range(seeds):
            net = build(kind, weather.values.shape[1], hidden, change, seed)
            curves = fit(net, data, epochs=epochs, rate=rate, seed=seed)
            held, unseen = quantiles(net, data.validation), quantiles(net, data.test)
            wider = calibrated(held[:, 0], held[:, 2], truth[1])
            score = curves["validation"][curves["best"]]
            run = {
                "kind": kind,
                "seed": seed,
                **curves,
                **_scores(unseen[:, 1], unseen[:, 0] - wider, unseen[:, 2] + wider, truth[2]),
                "wider": wider,
            }
            runs.append(run)
            note(f"{kind}, seed {seed}: validation {score:.2f} °C, test {run['error']:.2f} °C")
            if kind.startswith("LSTM") and (best is None or score < best[0]):
                best = score, run, net
    if best is None:
        raise RuntimeError("no recurrent network among the kinds")
    mean, deviation = weather.scale()
    record = {
        "kind": best[1]["kind"],
        "seed": best[1]["seed"],
        "wider": best[1]["wider"],
        "names": list(readings.names),
        "hidden": hidden,
        "change": change,
        "source": readings.source,
        "sha256": readings.weather.sha256,
        "runs": runs,
        "seconds": time.process_time() - begun,
    }
    arrays = {name: value.detach().numpy() for name, value in best[2].state_dict().items()}
    own = dict(zip(OWN, (mean, deviation, calendar.weights), strict=True))
    storage.write(to, KIND_OF_FILE, arrays | own, record)
    return record


def comparison(readings: Readings, model: Model) -> dict[str, Any]:
    """Errors on the test windows: rivals and model, over all, by hour and by season."""
    enough_to_train(readings)
    model.check_names(readings)
    weather, calendar = readings.weather, Calendar.fitted(readings.weather)
    data = parts(model.calendar.added(weather))
    now = [weather.values[part.now, 0] for part in data]
    truth = [part.targets[:, 0] for part in data]
    usual = calendar.usual(weather.hours)
    share = anomaly_share(weather, calendar, data.train)
    expected = [usual[p.now + AHEAD] - n for p, n in zip(data, now, strict=True)]
    unusual = [n - usual[p.now] for p, n in zip(data, now, strict=True)]
    linear, penalty = ridge_forecasts(data)
    net = [quantiles(model.net, part) for part in data]
    points = {
        "persistence": [np.zeros(len(t)) for t in truth],
        "climatology": expected,
        "a share of the anomaly": [e + share * a for e, a in zip(expected, unusual, strict=True)],
        "ridge": linear,
    }
    found: dict[str, Any] = {}
    errors: dict[str, NDArray] = {}
    for name, forecasts in points.items():
        wider = calibrated(forecasts[1], forecasts[1], truth[1])
        found[name] = _scores(forecasts[2], forecasts[2] - wider, forecasts[2] + wider, truth[2])
        errors[name] = np.abs(forecasts[2] - truth[2])
    wider = model.record["wider"]
    low, middle, high = net[2].T
    found["model"] = _scores(middle, low - wider, high + wider, truth[2])
    errors["model"] = np.abs(middle - truth[2])
    return {
        "source": readings.source,
        "missing_hours": readings.missing,
        "windows": {name: len(part.now) for name, part in data._asdict().items()},
        "left_out": sum(part.left_out for part in data),
        "penalty": penalty,
        "share": share,
        "kind": model.record["kind"],
        "scores": found,
        "by_hour": _by(errors, cycle(weather.hours[data.test.now + AHEAD])[1], range(24)),
        "by_season": _by_season(errors, weather.hours[data.test.now + AHEAD]),
        "by_block": _by_block(errors, data, readings),
        "week": _week(weather.hours, data, low - wider, middle, high + wider, now[2]),
    }


def _scores(middle: NDArray, low: NDArray, high: NDArray, truth: NDArray) -> dict[str, float]:
    """Mean absolute error, share of truths in the interval, and its mean width."""
    return {
        "error": float(np.abs(middle - truth).mean()),
        "coverage": float(((low <= truth) & (truth <= high)).mean()),
        "width": float((high - low).mean()),
        "level": LEVEL,
    }


def _by(errors: dict[str, NDArray], group: NDArray, groups: Any) -> dict[str, list[float | None]]:
    return {
        name: [float(e[group == g].mean()) if (group == g).any() else None for g in groups]
        for name, e in errors.items()
    }


def _by_season(errors: dict[str, NDArray], hours: NDArray) -> dict[str, Any]:
    month = hours.astype("datetime64[M]").astype(int) % 12  # 0 is January
    season = (month + 1) % 12 // 3  # December begins the winter of the northern half
    return {"seasons": SEASONS, **_by(errors, season, range(4))}


def _by_block(errors: dict[str, NDArray], data: Parts, readings: Readings) -> dict[str, Any]:
    """The blocks of test data are few: what differs between them is what is uncertain."""
    blocks = readings.weather.blocks("test")
    number = np.searchsorted([b.stop for b in blocks], data.test.now, side="right")
    begins = [str(readings.weather.hours[b.start].astype("datetime64[D]")) for b in blocks]
    return {"begins": begins, **_by(errors, number, range(len(blocks)))}


def _week(
    hours: NDArray, data: Parts, low: NDArray, middle: NDArray, high: NDArray, now: NDArray
) -> dict[str, Any]:
    """The first seven days of forecasts, for a picture."""
    first = slice(0, 7 * 24)
    base = now[first]
    return {
        "hours": [str(h) for h in hours[data.test.now[first] + AHEAD]],
        "truth": (base + data.test.targets[first, 0]).tolist(),
        "low": (base + low[first]).tolist(),
        "median": (base + middle[first]).tolist(),
        "high": (base + high[first]).tolist(),
    }


def parts_are_disjoint(data: Parts) -> bool:
    """Whether no hour of one part's windows is in another part's."""
    spans = [
        set((part.now[:, None] + np.arange(1 - PAST, AHEAD + 1)).ravel().tolist()) for part in data
    ]
    return not (spans[0] & spans[1] or spans[0] & spans[2] or spans[1] & spans[2])
