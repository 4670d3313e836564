"""A contest: each contender is tuned by itself, at full length, and then runs with every seed.

What is tuned (a knob) has a ladder of values. Some of them are tried, and as long as the best is at
an edge, the next one of the ladder is tried as well. Knobs are tuned one after the other, the first
one again at the end. Seeds of tuning are others than those of the report, and so is their data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from rnn_book.experiments.claims import Run
from rnn_book.experiments.tuning import along, best, scores

__all__ = [
    "Contender",
    "Knob",
    "Scored",
    "in_turn",
    "paired_scores",
    "plan",
    "reported",
    "seeds_of",
]

FIRST_TUNING_SEED = 100


class Knob(NamedTuple):
    """What is tuned."""

    name: str
    """Of the setting's entry."""
    ladder: tuple[float, ...]
    """All values that there are, in order."""
    start: tuple[float, ...]
    """Those that are tried in any case; neighbours on the ladder."""


class Contender(NamedTuple):
    """A contender: the entries of its setting, and what is tuned for it."""

    entries: dict[str, Any]
    knobs: tuple[Knob, ...] = ()


class Scored(NamedTuple):
    """What became of a contender."""

    chosen: dict[str, float]
    inside: bool
    """Whether no chosen value is at an edge of what was tried, but for an end of its ladder."""
    runs: list[Run]
    """Reported ones, by seed; those that are in."""


def seeds_of(setting: Mapping[str, Any], seeds: int, tuning: int) -> range:
    """The seeds of a setting: for tuning others than for the report."""
    if setting.get("part") == "tune":
        return range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + tuning)
    return range(seeds)


def plan(
    contenders: Mapping[str, Contender],
    runs: Sequence[Run],
    score: Callable[[Run], float],
    *,
    largest: bool = False,
    quick: bool = False,
) -> list[dict[str, Any]]:
    """All settings that are known by now: those of tuning, then the chosen ones.

    Parameters
    ----------
    contenders
        By name; the name is the setting's entry "net".
    runs
        Finished ones.
    score
        Validation score of a run, never its test score.
    largest
        Whether the largest score is best.
    quick
        Whether the first value of each start is taken without tuning.
    """
    tuning: list[dict[str, Any]] = []
    final: list[dict[str, Any]] = []
    for name, contender in contenders.items():
        settings, chosen, _ = _tuned(name, contender, runs, score, largest, quick)
        tuning += settings
        if chosen is not None:
            final.append({"part": "report", "net": name, **contender.entries, **chosen})
    return tuning + final


def in_turn(
    groups: Sequence[Mapping[str, Contender]],
    runs: Sequence[Run],
    score: Callable[[Run], float],
    seeds: int,
    *,
    largest: bool = False,
    quick: bool = False,
) -> list[dict[str, Any]]:
    """As `plan`, one group of contenders after the other: what decides most comes first."""
    settings: list[dict[str, Any]] = []
    for group in groups:
        settings += plan(group, runs, score, largest=largest, quick=quick)
        counts = {
            name: sum(run.setting.get("net") == name and _is_report(run) for run in runs)
            for name in group
        }
        if not quick and min(counts.values()) < seeds:
            break
    return settings


def _is_report(run: Run) -> bool:
    return run.setting["part"] == "report"


def _tuned(
    name: str,
    contender: Contender,
    runs: Sequence[Run],
    score: Callable[[Run], float],
    largest: bool,
    quick: bool,
) -> tuple[list[dict[str, Any]], dict[str, float] | None, bool]:
    """Settings of tuning so far; what is chosen, None as long as that is open; whether inside."""
    chosen = {knob.name: knob.start[len(knob.start) // 2] for knob in contender.knobs}
    if quick:
        return [], chosen, True
    mine = [run for run in runs if run.setting.get("net") == name and run.setting["part"] == "tune"]
    settings: list[dict[str, Any]] = []
    inside: dict[str, bool] = {}
    again = contender.knobs[:1] if len(contender.knobs) > 1 else ()
    for knob in (*contender.knobs, *again):
        others = {key: value for key, value in chosen.items() if key != knob.name}
        tried = [run for run in mine if all(run.setting[k] == v for k, v in others.items())]
        found = scores(tried, _value_of(knob.name), score)
        values = along(knob.ladder, knob.start, found, largest=largest)
        for value in values:
            setting = {"part": "tune", "net": name, **contender.entries}
            setting |= {**chosen, knob.name: value}
            if setting not in settings:
                settings.append(setting)
        if not set(values) <= set(found):
            return settings, None, False
        known = {value: found[value] for value in values}
        chosen[knob.name] = best(known, largest=largest)
        edges = {min(values), max(values)} - {knob.ladder[0], knob.ladder[-1]}
        inside[knob.name] = chosen[knob.name] not in edges
    return settings, chosen, all(inside.values())


def _value_of(name: str) -> Callable[[Run], float]:
    """The function that tells the value of a knob."""
    return lambda run: float(run.setting[name])


def reported(
    contenders: Mapping[str, Contender],
    runs: Sequence[Run],
    score: Callable[[Run], float],
    *,
    largest: bool = False,
) -> dict[str, Scored]:
    """What became of each contender of which a reported run is in."""
    found = {}
    for name, contender in contenders.items():
        mine = [run for run in runs if run.setting.get("net") == name and _is_report(run)]
        if mine:
            _, chosen, inside = _tuned(name, contender, runs, score, largest, quick=False)
            values = {knob.name: mine[0].setting[knob.name] for knob in contender.knobs}
            # The quick version does not tune.
            is_inside = inside if chosen is not None else False
            found[name] = Scored(values, is_inside, sorted(mine, key=lambda run: run.index))
    return found


def paired_scores(
    first: Mapping[str, Any], second: Mapping[str, Any], score: str = "test"
) -> tuple[list[float], list[float]]:
    """Scores of two contenders of a summary, under the seeds that both have.

    Parameters
    ----------
    first, second
        With ``seeds``, and a list of as many values under `score`.
    """
    one, other = (dict(zip(net["seeds"], net[score], strict=True)) for net in (first, second))
    both = [seed for seed in one if seed in other]
    return [one[seed] for seed in both], [other[seed] for seed in both]


def summary(
    contenders: Mapping[str, Contender],
    runs: Sequence[Run],
    score: Callable[[Run], float],
    keys: Sequence[str],
    *,
    largest: bool = False,
) -> dict[str, dict[str, Any]]:
    """Contenders of which reported runs are in: what was chosen, and every seed's results.

    Parameters
    ----------
    contenders, runs, score, largest
        As for `plan`.
    keys
        Entries of a run's result that are kept, a list over seeds each.
    """
    found = {}
    for name, scored in reported(contenders, runs, score, largest=largest).items():
        found[name] = {
            **{key: scored.runs[0].setting[key] for key in contenders[name].entries},
            "chosen": scored.chosen,
            "inside": scored.inside,
            "seeds": [run.index for run in scored.runs],
            "score": [score(run) for run in scored.runs],
            **{key: [run.result[key] for run in scored.runs] for key in keys},
        }
    return found


def updates_at_best(net: Mapping[str, Any]) -> list[int]:
    """Of a summary's contender, the updates of every seed until its best look."""
    return [updates[best] for updates, best in zip(net["updates"], net["best"], strict=True)]
