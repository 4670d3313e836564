"""How the evidence on squashing functions is summed up, judged and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture, Run, Status, Verdict
from rnn_book.experiments.intervals import (
    Interval,
    decide,
    family,
    interval,
    level_with,
    would_take,
)
from rnn_book.experiments.seeds_shown import (
    dots_of_seeds,
    nothing_yet,
    powers,
    table_of,
    updates_cells,
)
from rnn_book.experiments.shown import bracket, grouped, plus_minus

__all__ = ["figures", "numbers", "summarise", "tables", "verdict"]

# Place -> pairs of networks, tanh and sigmoid there. In the LSTM the pairs are averaged: one for
# each function in the other place.
PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "state of the plain network": (("RNN, tanh", "RNN, sigmoid"),),
    "candidate of the LSTM": (
        ("LSTM, tanh", "LSTM, candidate sigmoid"),
        ("LSTM, output sigmoid", "LSTM, both sigmoid"),
    ),
    "output of the LSTM": (
        ("LSTM, tanh", "LSTM, output sigmoid"),
        ("LSTM, candidate sigmoid", "LSTM, both sigmoid"),
    ),
}
CENTRED = {
    "RNN, tanh": ("RNN, 2 sigmoid - 1", "RNN, tanh"),
    "RNN, sigmoid": ("RNN, 2 sigmoid - 1", "RNN, sigmoid"),
    "LSTM, two tanhs": ("LSTM, both 2 sigmoid - 1", "LSTM, tanh"),
    "LSTM, two sigmoids": ("LSTM, both 2 sigmoid - 1", "LSTM, both sigmoid"),
}
"""What 2 sigmoid - 1 is compared with -> the two networks."""
LEVEL = {"names": 1.0, "adding": 0.5}
"""Points, and powers of two of updates, within which two networks count as level."""
UNSOLVED = "no run solved it"


def summarise(runs: Sequence[Run], *, steps: int, lags: int) -> dict[str, Any]:
    """Factors of fresh networks; every reported seed of each task."""
    summary: dict[str, Any] = {"steps": steps, "lags": lags, "gradient": {}}
    for task in ("names", "adding"):
        summary[task] = {}
    for (task, net), group in grouped(runs, "task", "net").items():
        if task == "gradient":
            carry = [run.result["carry"] for run in group]
            summary[task][net] = {
                **{key: [run.result[key] for run in group] for key in ("factor", "left")},
                "carry": None if None in carry else carry,
            }
            continue
        reported = [run for run in group if run.setting["stage"] == "reported"]
        if reported:
            keys = ("test", "at") if task == "names" else ("test", "updates", "solved")
            summary[task][net] = {
                "rate": reported[0].setting["rate"],
                "tried": sorted({run.setting["rate"] for run in group}),
                "budget": reported[0].setting["updates"],
                **{key: [run.result[key] for run in reported] for key in keys},
            }
    return summary


def _ahead(summary: dict[str, Any], task: str, ours: str, theirs: str) -> np.ndarray | None:
    """By how much the first is ahead, seed by seed: points, or powers of two of updates."""
    found = [summary[task].get(net) for net in (ours, theirs)]
    if None in found or len(found[0]["test"]) != len(found[1]["test"]) or len(found[0]["test"]) < 2:
        return None
    if task == "names":
        return 100 * np.subtract(found[0]["test"], found[1]["test"])
    return np.log2(found[1]["updates"]) - np.log2(found[0]["updates"])


def comparisons(summary: dict[str, Any]) -> dict[tuple[str, str], Interval]:
    """(task, place) -> by how much tanh is ahead of a sigmoid there."""
    differences = {}
    for task in ("names", "adding"):
        for place, pairs in PLACES.items():
            parts = [_ahead(summary, task, *pair) for pair in pairs]
            if all(part is not None for part in parts):
                differences[f"{task}|{place}"] = np.mean(parts, axis=0)  # type: ignore[arg-type]
    found = family(differences)
    return {(key.split("|")[0], key.split("|")[1]): one for key, one in found.items()}


def verdict(summary: dict[str, Any]) -> Verdict:
    """Where tanh beats a sigmoid in its place, and whether centring the sigmoid helps."""
    rule = (
        "in each of three places and on both tasks, the difference between tanh and sigmoid is "
        "taken seed by seed, in the LSTM averaged over what stands in the other place. Names: "
        "points of accuracy. Adding: powers of two of the updates until it is solved, where an "
        "unsolved run counts as the budget, so that the difference is at least that. tanh is "
        "ahead if the interval (Student's t, 95 %, Holm's correction for the six) is above 0. Held "
        "if it is ahead in all six, held partly if in some, not held if in none and none is "
        "undecided, else undecided."
    )
    found = comparisons(summary)
    answers = [decide(one) for one in found.values()]
    complete = len(found) == 2 * len(PLACES)
    if complete and set(answers) == {"above"}:
        status: Status = "held"
    elif complete and "above" in answers:
        status = "held partly"
    else:
        status = "not held" if complete and "undecided" not in answers else "undecided"
    ahead = [f"{place} ({task})" for (task, place), one in found.items() if decide(one) == "above"]
    text = ""
    if found:
        text = f"tanh is ahead in {len(ahead)} of {len(found)} comparisons"
        text += f": {', '.join(ahead)}." if ahead else "."
        for task, place in found:
            if _nobody_solved(summary, task, PLACES[place]):
                text += f" Of the {place}, no run solved the adding problem."
    open_ = [one for one in found.values() if decide(one) == "undecided"]
    if status == "undecided" and complete:
        text += f" {would_take(open_, 0.0)}"
    return Verdict(status, rule, text)


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """The gradient; names and adding; the differences."""
    lags, steps = summary["lags"], summary["steps"]
    gradient = table_of(
        ["fresh network", "factor per step", "through c alone", f"left after {lags} steps"],
        (
            [
                net,
                plus_minus(its["factor"], 3),
                plus_minus(its["carry"], 3) if its["carry"] else "",
                powers(its["left"]),
            ]
            for net, its in summary["gradient"].items()
        ),
    )
    rows = []
    for net in summary["gradient"]:
        names, sums = summary["names"].get(net), summary["adding"].get(net)
        if not names and not sums:
            continue
        row = [net]
        row += (
            [plus_minus((100 * share for share in names["test"]), 1), f"{names['rate']:g}"]
            if names
            else ["", ""]
        )
        row += (
            [
                *updates_cells(sums["updates"], sums["solved"]),
                f"{np.median(sums['test']):.4f}",
                f"{sums['rate']:g}",
            ]
            if sums
            else [""] * 4
        )
        rows.append(row)
    head = ["network", "names right, %", "rate", f"adding, T = {steps}: solved"]
    head += ["updates, median of the solved", "error, median", "rate"]
    return {
        "gradient": gradient,
        "table": table_of(head, rows),
        "differences": table_of(
            ["tanh in place of a sigmoid", "names, points", "adding, times fewer updates"],
            (
                [place, *(_show_difference(summary, task, place) for task in ("names", "adding"))]
                for place in PLACES
                if any(place == asked for _, asked in comparisons(summary))
            ),
        ),
        "centred": table_of(
            ["2 sigmoid - 1 in place of", "names, points", "adding, times fewer updates"],
            (
                [rival, *(_show_standing(summary, task, *pair) for task in ("names", "adding"))]
                for rival, pair in CENTRED.items()
                if any(_ahead(summary, task, *pair) is not None for task in ("names", "adding"))
            ),
        ),
    }


def _show_difference(summary: dict[str, Any], task: str, place: str) -> str:
    found = comparisons(summary).get((task, place))
    if found and _nobody_solved(summary, task, PLACES[place]):
        return UNSOLVED
    return f"{_show_interval(task, found)}, {_show_side(found)}" if found else ""


def _show_side(found: Interval) -> str:
    return {"above": "tanh ahead", "below": "sigmoid ahead"}.get(decide(found), "undecided")


def _show_standing(summary: dict[str, Any], task: str, ours: str, theirs: str) -> str:
    ahead = _ahead(summary, task, ours, theirs)
    if ahead is None:
        return ""
    if _nobody_solved(summary, task, [(ours, theirs)]):
        return UNSOLVED
    found = interval(ahead)
    answer = {"above": "ahead", "below": "behind"}.get(decide(found), "undecided")
    if level_with(found, LEVEL[task]) == "level":
        answer = "level"
    return f"{_show_interval(task, found)}, {answer}"


def _nobody_solved(summary: dict[str, Any], task: str, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether there is nothing to compare, because every run of these networks met its budget."""
    return task == "adding" and not any(
        any(summary[task][net]["solved"]) for pair in pairs for net in pair
    )


def _show_interval(task: str, found: Interval) -> str:
    if task == "names":
        return bracket(found, 1)
    return f"{2**found.mean:.2f} [{2**found.low:.2f}, {2**found.high:.2f}]"


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """What the prose of pages uses."""
    found = {}
    for net, its in summary["gradient"].items():
        found[f"factor, {net}"] = f"{np.mean(its['factor']):.3f}"
        found[f"left, {net}"] = powers(its["left"])
    found["margin, names"] = f"{LEVEL['names']:g}"
    found["margin, adding"] = f"{2 ** LEVEL['adding']:.2f}"
    for net, its in summary["names"].items():
        last = sum(at == its["budget"] for at in its["at"])
        found[f"best at the end, {net}"] = str(last)
        found[f"names, {net}"] = f"{100 * np.mean(its['test']):.1f}"
    for net, its in summary["adding"].items():
        cells = updates_cells(its["updates"], its["solved"])
        found[f"solved, {net}"], found[f"updates, {net}"] = cells
        found[f"rate for adding, {net}"] = f"{its['rate']:g}"
        found[f"error, {net}"] = f"{np.median(its['test']):.2f}"
    return found


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """A mark per seed: names above, and the adding problem below."""
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    from rnn_book.experiments.plots import CONTENDERS, canvas

    figure, (above, below) = canvas(1, 2, height=6.0)
    nets = [
        net for net in summary["gradient"] if net in summary["names"] or net in summary["adding"]
    ]
    for axes, task in ((above, "names"), (below, "adding")):
        for place, net in enumerate(nets):
            its = summary[task].get(net)
            if not its:
                continue
            style = CONTENDERS[1 if net.startswith("RNN") else 0]
            if task == "names":
                dots_of_seeds(axes, place, 100 * np.asarray(its["test"]), style)
            else:
                hollow = [not done for done in its["solved"]]
                dots_of_seeds(axes, place, its["updates"], style, open_at=hollow, means=False)
        axes.set(yticks=range(len(nets)), ylim=(len(nets) - 0.4, -0.6))
        axes.set_yticklabels([net.replace(" - ", " − ") for net in nets])
        axes.grid(visible=False, axis="y")
    above.set(xlabel="names right, %")
    below.set(xscale="log", xlabel="updates until the adding problem is solved")
    below.xaxis.set_major_formatter(ScalarFormatter())
    below.xaxis.set_minor_formatter(NullFormatter())
    for axes, task in ((above, "names"), (below, "adding")):
        if not summary[task]:
            nothing_yet(axes)
    if summary["adding"]:
        budget = next(iter(summary["adding"].values()))["budget"]
        below.axvline(budget, color=CONTENDERS[-1].light, linewidth=0.8)
        below.set(xlim=(100, 1.25 * budget))
    return {
        "": Picture(
            figure,
            "Names right and updates until the adding problem is solved, by squashing function",
            "A row per network and a mark per seed, a stroke for the mean and a dashed one for the "
            "median. Above the share of test names put to the right language; below the updates "
            "until the adding problem is solved, hollow at the line of the budget where it was "
            "not, on a logarithmic axis.",
        )
    }
