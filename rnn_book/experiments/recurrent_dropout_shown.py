"""What the prose on `recurrent_dropout` needs besides the scores of its contenders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rnn_book.baselines import ridge
from rnn_book.experiments import tuning
from rnn_book.experiments.claims import Run
from rnn_book.experiments.contest import paired_scores
from rnn_book.experiments.contest_shown import named
from rnn_book.experiments.forecast import windows
from rnn_book.experiments.intervals import paired
from rnn_book.experiments.shown import bracket, mean

__all__ = ["in_prose", "rates_tried", "ridge_on_split"]

UNDROPPED = ("none", "weather, none")
BEST = "state"
RIVALS = ("zoneout, as published", "weight drop")


def ridge_on_split() -> float:
    """Error of ridge regression on the windows on which the LSTMs are tested."""
    return round(ridge(*windows()).test, 4)


def rates_tried(runs: Sequence[Run], score: Callable[[Run], float]) -> dict[str, Any]:
    """Of the networks without dropout: the mean scores of every rate that was tried."""
    found: dict[str, Any] = {}
    for name in UNDROPPED:
        tuned = [r for r in runs if (r.setting["part"], r.setting.get("net")) == ("tune", name)]
        validation, test = (
            tuning.scores(tuned, lambda run: run.setting["rate"], one)
            for one in (score, lambda run: run.result["test"])
        )
        found[name] = [
            {"rate": rate, "validation": validation[rate], "test": test[rate]}
            for rate in sorted(validation)
        ]
    return found


def in_prose(summary: Mapping[str, Any]) -> dict[str, str]:
    """Numbers that pages may use in their prose."""
    nets = summary["nets"]
    found = named(nets, 3)
    for name, net in nets.items():
        found[f"validation, {name}"] = f"{mean(net['score']):.3f}"
    if "weather, none" in nets:
        found["weather, none, worst"] = f"{max(nets['weather, none']['test']):.3f}"
        found["weather, ridge"] = f"{summary['ridge']:.3f}"
    for name in RIVALS:
        if name in nets and BEST in nets:
            pair = paired_scores(nets[name], nets[BEST])
            found[f"{name}, less {BEST}"] = bracket(paired(*pair), 3)
    for name, tried in summary["rates"].items():
        if tried:
            scores = [one["validation"] for one in tried]
            found[f"apart, {name}"] = f"{max(scores) - min(scores):.3f}"
            first, last = (f"{tried[k]['rate']:.5f}".rstrip("0") for k in (0, -1))
            found[f"rates, {name}"] = f"{first} to {last}"
        for one in tried:
            for part in ("validation", "test"):
                found[f"{part}, {name}, {one['rate']:g}"] = f"{one[part]:.3f}"
    return found
