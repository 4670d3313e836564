"""How the evidence on both directions is summed up, judged and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture, Run, Status, Verdict
from rnn_book.experiments.intervals import Interval, decide, family, would_take
from rnn_book.experiments.seeds_shown import dots_of_seeds, nothing_yet, table_of
from rnn_book.experiments.shown import bracket, grouped, mean, median, plus_minus
from rnn_book.experiments.solving import EVERY

__all__ = ["figures", "numbers", "summarise", "tables", "verdict"]

GAIN = 1.0
"""Points of accuracy that count as a gain."""
# Task -> part of the experiment, score of a test set, words.
TASKS = {
    "roles": ("tags", "roles", "role of a name"),
    "ambiguous": ("ambiguous", "right", "tag of an ambiguous word"),
    "inside": ("tags", "inside", "inside a string or comment"),
    "echo": ("echo", "right", "symbol of 8 steps before"),
}
FUTURE, PAST = ("roles", "ambiguous"), ("inside", "echo")
POSITIONS = ("first", "middle", "last")
ONE, BOTH = "one way", "both ways"


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """Of each part and network every reported seed."""
    reported = [run for run in runs if run.setting["stage"] == "reported"]
    tried = {
        key: sorted({run.setting["rate"] for run in group})
        for key, group in grouped(runs, "part", "net", "position").items()
    }
    tasks: dict[str, Any] = {task: {} for task in TASKS}
    recall: list[dict[str, Any]] = []
    leak: dict[str, Any] = {}
    steps = 0
    for key, group in grouped(reported, "part", "net", "position").items():
        part, net, position = key
        results = [run.result for run in group]
        common = {
            "rate": group[0].setting["rate"],
            "budget": group[0].setting["updates"],
            "tried": tried[key],
            "parameters": results[0]["parameters"],
        }
        for task, (its, score, _) in TASKS.items():
            if its == part:
                tasks[task][net] = {**common, "right": [r["test"][score] for r in results]}
                if "best" in results[0]:
                    tasks[task][net]["best"] = mean(r["best"] for r in results)
        if part == "recall":
            steps = group[0].setting["steps"]
            keys = ("updates", "solved", "test")
            found = {key: [r[key] for r in results] for key in keys}
            recall.append({"net": net, "position": position, **common, **found})
        if part == "leak":
            leak[net] = {
                **common,
                **{key: [r["test"][key] for r in results] for key in ("before_last", "last")},
            }
    return {"tasks": tasks, "recall": recall, "recall_steps": steps, "leak": leak}


def _gains(summary: dict[str, Any]) -> dict[str, Interval]:
    """Points that both ways gain, seed by seed."""
    differences = {}
    for task, nets in summary["tasks"].items():
        pair = [nets[net]["right"] for net in (BOTH, ONE) if net in nets]
        if len(pair) == 2 and len(pair[0]) == len(pair[1]) > 1:
            differences[task] = 100 * np.subtract(*pair)
    return family(differences, GAIN)


def _speeds(summary: dict[str, Any]) -> dict[str, Interval]:
    """Powers of two by which both ways need fewer updates to recall a symbol, by its place."""
    found = {(its["net"], its["position"]): its["updates"] for its in summary["recall"]}
    differences = {}
    for position in POSITIONS:
        pair = [found.get((net, position)) for net in (ONE, f"{BOTH}, h_n")]
        if pair[0] and pair[1] and len(pair[0]) == len(pair[1]) > 1:
            differences[position] = np.log2(pair[0]) - np.log2(pair[1])
    return family(differences)


def verdict(summary: dict[str, Any]) -> Verdict:
    """Gains where the future matters, none where it does not, and shorter lags."""
    rule = (
        f"a gain is more than {GAIN:g} point of accuracy at equal parameters; the intervals of the "
        "paired differences (Student's t, 95 %, Holm's correction) decide. Held if both ways gain "
        "on both tasks whose answer lies partly in the future, and need fewer updates than "
        "one way to recall a symbol from the first and from the middle step; held partly if they "
        "gain on at least one of the tasks; not held if they gain on neither; undecided if an "
        "interval that this needs contains its threshold. That they gain nothing where "
        "the answer lies in the past is reported, and is no part of the claim."
    )
    gains, speeds = _gains(summary), _speeds(summary)
    accuracy = [decide(gains[task], GAIN) for task in FUTURE if task in gains]
    shorter = [decide(speeds[place]) for place in ("first", "middle") if place in speeds]
    if len(accuracy) < len(FUTURE) or len(shorter) < 2:
        status: Status = "undecided"
    elif set(accuracy + shorter) == {"above"}:
        status = "held"
    elif "above" in accuracy:
        status = "held partly"
    else:
        status = "undecided" if "undecided" in accuracy else "not held"
    parts = [
        f"{TASKS[task][2]} {bracket(found, 1)} points ({_show_side(found)})"
        for task, found in gains.items()
    ]
    text = f"Both ways less one way, at equal parameters: {'; '.join(parts)}. " if parts else ""
    if speeds:
        places = [f"{place} step {_show_times(found)}" for place, found in speeds.items()]
        text += (
            f"One symbol among {summary['recall_steps']} steps, every network starting with forget "
            "bias ln T: updates one way needs, times those of both ways, for the "
            + ", ".join(places)
            + "."
        )
    open_ = [
        gains[task] for task in FUTURE if task in gains and decide(gains[task], GAIN) == "undecided"
    ]
    if status == "undecided" and open_:
        text += f" {would_take(open_, GAIN)}"
    return Verdict(status, rule, text.strip())


def _show_side(found: Interval) -> str:
    return {"above": "a gain", "below": "no gain"}.get(decide(found, GAIN), "undecided")


def _show_times(found: Interval) -> str:
    return f"{2**found.mean:.2g} [{2**found.low:.2g}, {2**found.high:.2g}]"


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Accuracies, gains, recall, and the leak."""
    tasks, gains = summary["tasks"], _gains(summary)
    nets = list(dict.fromkeys(net for found in tasks.values() for net in found))
    rows = [[net, *(_show_right(tasks[task].get(net)) for task in TASKS)] for net in nets]
    gained = [
        [
            words,
            "partly in the future" if task in FUTURE else "in the past",
            bracket(gains[task], 1),
            _show_side(gains[task]),
        ]
        for task, (_, _, words) in TASKS.items()
        if task in gains
    ]
    places: dict[str, dict[str, str]] = {}
    for its in summary["recall"]:
        cell = f"{_show_solved(its['solved'])}, {median(its['updates']):.0f}"
        places.setdefault(its["net"], {})[its["position"]] = cell
    return {
        "table": table_of(["% right", *(words for _, _, words in TASKS.values())], rows),
        "gains": table_of(["task", "the answer lies", "both ways less one way", "so"], gained),
        "recall": table_of(
            [f"solved, median updates; symbol of {summary['recall_steps']} at the", *POSITIONS],
            (
                [net, *(found.get(position, "") for position in POSITIONS)]
                for net, found in places.items()
            ),
        ),
        "leak": table_of(
            ["bits per character", "parameters", "before the last step", "at the last step"],
            (
                [
                    net,
                    f"{found['parameters']:,}",
                    plus_minus(found["before_last"]),
                    plus_minus(found["last"]),
                ]
                for net, found in summary["leak"].items()
            ),
        ),
    }


def _show_solved(solved: Sequence[bool]) -> str:
    return f"{sum(solved)} of {len(solved)}"


def _show_right(found: dict[str, Any] | None) -> str:
    if not found:
        return ""
    text = plus_minus([100 * value for value in found["right"]], 1)
    return f"{text} (best guess {100 * found['best']:.1f})" if "best" in found else text


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """What the prose of pages uses."""
    found = {}
    for task, nets in summary["tasks"].items():
        for net, its in nets.items():
            found[f"{task}, {net}"] = f"{100 * mean(its['right']):.1f}"
            found[f"worst {task}, {net}"] = f"{100 * min(its['right']):.1f}"
            others = sorted(its["right"])[1:]
            if others:
                found[f"worst but one {task}, {net}"] = f"{100 * others[0]:.1f}"
            found[f"budget, {task}"] = f"{its['budget']}"
            if "best" in its:
                found[f"best {task}, {net}"] = f"{100 * its['best']:.1f}"
                found[f"short {task}, {net}"] = f"{100 * (its['best'] - mean(its['right'])):.1f}"
    for task, gain in _gains(summary).items():
        found[f"gain, {task}"] = bracket(gain, 1)
    for place, speed in _speeds(summary).items():
        found[f"times, {place}"] = _show_times(speed)
    for its in summary["recall"]:
        key = f"{its['position']}, {its['net']}"
        found[f"solved {key}"] = _show_solved(its["solved"])
        found[f"updates {key}"] = f"{median(its['updates']):.0f}"
        found[f"at once {key}"] = f"{its['updates'].count(EVERY)} of {len(its['updates'])}"
    for net, its in summary["leak"].items():
        for where in ("before_last", "last"):
            found[f"{where}, {net}"] = f"{mean(its[where]):.2f}"
    return found


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Accuracies by network; recall by the place of the symbol."""
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    from rnn_book.experiments.plots import CONTENDERS, canvas

    tasks = {task: nets for task, nets in summary["tasks"].items() if nets}
    tall = sum(1.15 + 0.3 * len(nets) for nets in tasks.values()) or 2.0
    heights = [1.2 + len(nets) for nets in tasks.values()] or [1]
    figure, panels = canvas(
        *(1, max(len(tasks), 1)), height=tall, squeeze=False, height_ratios=heights
    )
    ink = CONTENDERS[7].light
    for axes, (task, nets) in zip(panels[:, 0], tasks.items(), strict=False):
        for place, (net, its) in enumerate(nets.items()):
            style = CONTENDERS[0 if net == BOTH else 1 if net == ONE else 2]
            dots_of_seeds(axes, place, 100 * np.asarray(its["right"]), style)
            if "best" in its:
                best = 100 * its["best"]
                axes.vlines(best, place - 0.42, place + 0.42, color=ink, linewidth=0.8)
        axes.set(yticks=range(len(nets)), ylim=(len(nets) - 0.4, -0.6))
        axes.set_yticklabels(list(nets))
        axes.grid(visible=False, axis="y")
        where = "partly in the future" if task in FUTURE else "in the past"
        axes.set_title(f"{TASKS[task][2]}:\nthe answer is {where}")
    if not tasks:
        nothing_yet(panels[0, 0])
    else:
        panels[len(tasks) - 1, 0].set(xlabel="right, %")

    recall, rows = canvas(1, len(POSITIONS), height=4.6, sharex=True)
    for axes, position in zip(rows, POSITIONS, strict=True):
        mine = [its for its in summary["recall"] if its["position"] == position]
        for place, its in enumerate(mine):
            style = CONTENDERS[1 if its["net"] == ONE else 0]
            hollow = [not done for done in its["solved"]]
            dots_of_seeds(axes, place, its["updates"], style, open_at=hollow, means=False)
            axes.axvline(its["budget"], color=ink, linewidth=0.8)
        axes.set(yticks=range(len(mine)), ylim=(len(mine) - 0.4, -0.6), xscale="log")
        axes.set_yticklabels([its["net"] for its in mine])
        axes.grid(visible=False, axis="y")
        axes.set(title=f"symbol at the {position} step")
        if not mine:
            nothing_yet(axes)
            continue
        axes.set_xticks([25, 50, 100, 200, 400])
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
    rows[-1].set(xlabel="updates until recall is solved")
    seeds = "A mark per seed, a stroke for the mean and a dashed one for the median. "
    return {
        "": Picture(
            figure,
            "Accuracy of networks that read one way, one way and late, and both ways",
            f"A panel per task and a row per network. {seeds}In the task of ambiguous words a thin "
            "line marks the best guess that there can be.",
        ),
        "recall": Picture(
            recall,
            "Updates until one symbol is recalled, by its place in the sequence",
            "A panel per place and a row per network. A mark per seed, hollow at the line of the "
            "budget where the task was not solved; a dashed stroke for the median.",
        ),
    }
