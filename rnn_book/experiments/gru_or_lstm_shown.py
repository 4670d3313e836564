"""What is shown of `gru_or_lstm`: its rule, tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rnn_book.experiments.claims import Picture, Run, Status, Verdict
from rnn_book.experiments.classifying import KERNELS, LADDER, NETS, SIZES
from rnn_book.experiments.contest import paired_scores
from rnn_book.experiments.intervals import (
    Interval,
    decide,
    family,
    interval,
    paired,
    would_take,
)
from rnn_book.experiments.shown import bracket, grouped, mean, median, plus_minus, signed, table

# Fixed before the full run, in November 2026.
LESS = 0.95
"""A training step that takes less than this part of the LSTM's time is cheaper."""
LEAD = 0.02
"""A lead in accuracy that would be worth a choice: 2 points."""
GRUS = ("GRU, equal width", "GRU, equal parameters")
LEVEL_TWICE = 0.975
"""Of the family that decides, because its numbers were looked at twice."""


def foremost(runs: Sequence[Run], net: str, score: Callable[[Run], float]) -> list[list[float]]:
    """The validation scores of the two best settings of a net's tuning, a value per seed."""
    tuning = [
        run for run in runs if run.setting.get("net") == net and run.setting["part"] == "tune"
    ]
    tried = [[score(run) for run in group] for group in grouped(tuning, "rate", "bias").values()]
    return sorted(tried, key=mean, reverse=True)[:2]


def smallest(summary: dict[str, Any]) -> dict[str, int]:
    """The smallest size of each task of which all three nets are in."""
    found: dict[str, int] = {}
    for net in summary["nets"].values():
        task, size = net["task"], net["size"]
        if all(f"{kind}, {size} {task}" in summary["nets"] for kind in NETS):
            found[task] = min(size, found.get(task, size))
    return found


def leads(summary: dict[str, Any], task: str, size: int) -> dict[str, list[float]]:
    """By how much each GRU is ahead of the LSTM, seed by seed."""
    nets = summary["nets"]
    lstm = nets.get(f"LSTM, {size} {task}")
    found = {}
    for gru in GRUS:
        mine = nets.get(f"{gru}, {size} {task}")
        if lstm and mine:
            pairs = zip(*paired_scores(mine, lstm), strict=True)
            differences = [a - b for a, b in pairs]
            if len(differences) > 1:
                found[gru] = differences
    return found


def decisive(summary: dict[str, Any]) -> dict[str, Interval]:
    """The leads that decide, as one family: both GRUs on the smallest set of both tasks."""
    asked = {
        f"{size} {task}, {gru}": values
        for task, size in smallest(summary).items()
        for gru, values in leads(summary, task, size).items()
    }
    return family(asked, level=LEVEL_TWICE) if asked else {}


def verdict(summary: dict[str, Any]) -> Verdict:
    """On the smallest sets: ahead, not ahead by what would matter, or neither can be told."""
    found = decisive(summary)
    answers = [decide(one) for one in found.values()]
    status: Status = "undecided"
    if answers and all(answer == "above" for answer in answers):
        status = "held"
    elif "above" in answers:
        status = "held partly"
    elif answers and all(decide(one, LEAD) == "below" for one in found.values()):
        status = "not held"
    rule = (
        "on the smallest set of each task the GRU's lead is taken seed by seed, at equal width and "
        "at equal parameters, and the four intervals are corrected as one family, at "
        f"{100 * LEVEL_TWICE:g} % because the numbers were looked at twice. Held if all four are "
        "above 0; held partly if some are; not held if none is and all exclude a lead of "
        f"{100 * LEAD:g} points; otherwise undecided. Rate and bias of the keeping gate are tuned "
        "for every network on validation data of other seeds, and training ends when "
        "validation accuracy has stalled."
    )
    said = {"above": "ahead", "below": "behind", "undecided": "undecided"}
    words = [
        f"{name}: {bracket(_points(one), 1)} points, {said[decide(one)]}"
        for name, one in found.items()
    ]
    text = f"The GRU's lead over the LSTM: {'; '.join(words)}." if words else ""
    open_ = [one for one in found.values() if one.high >= LEAD]
    if status == "undecided" and open_:
        text += f" {would_take(open_, 0.0, LEAD)}"
    return Verdict(status, rule, text)


def _points(one: Interval) -> Interval:
    return one._replace(mean=100 * one.mean, low=100 * one.low, high=100 * one.high)


def ratios(summary: dict[str, Any], kernel: str, net: str) -> dict[int, list[float]]:
    """Width -> the times of a net as parts of the LSTM's, round by round."""
    found = {}
    for row in summary["cost"]:
        times = row["milliseconds"][kernel]
        found[row["hidden"]] = [a / b for a, b in zip(times[net], times["LSTM"], strict=True)]
    return found


def _answer(one: Interval) -> str:
    side = decide(one, LESS)
    if side == "below":
        return "cheaper"
    return "not cheaper" if side == "above" else "undecided"


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """Numbers that pages may use in their prose."""
    found = {}
    for task, size in smallest(summary).items():
        for kind in NETS:
            net = summary["nets"][f"{kind}, {size} {task}"]
            found[f"{task}, {kind}"] = f"{100 * mean(net['test']):.1f}"
            for place, scores in zip(("first", "second"), net["foremost"], strict=False):
                found[f"{place} in tuning, {task}, {kind}"] = f"{100 * mean(scores):.1f}"
            found[f"validation, {task}, {kind}"] = f"{100 * mean(net['validation']):.1f}"
        ends = [100 * end for own in leads(summary, task, size).values() for end in own]
        if ends:
            found[f"least lead, {task}"] = signed(min(ends), 0)
            found[f"most lead, {task}"] = signed(max(ends), 0)
    biases = {
        name.rpartition(", ")[0]: net
        for name, net in summary["nets"].items()
        if name.startswith("bias")
    }
    for name, net in biases.items():
        found[name] = f"{100 * mean(net['test']):.1f}"
    for budget in ("short", "long"):
        none, two = (biases.get(f"bias {value}, {budget}") for value in (0, 2))
        if none and two and len(none["test"]) == len(two["test"]) > 1:
            drop = paired(*paired_scores(none, two))
            found[f"bias 0 less bias 2, {budget}"] = bracket(_points(drop), 1)
    for kernel in KERNELS:
        for width, values in ratios(summary, kernel, GRUS[0]).items():
            found[f"{kernel}, {width}"] = f"{mean(values):.2f}"
    return found


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Accuracy and leads; the forget bias; cost, a line each; parameters."""
    nets = summary["nets"]
    right, biases = [], []
    for task, size in SIZES.items():
        row = [nets.get(f"{net}, {size} {task}") for net in NETS]
        own = leads(summary, task, size)
        if any(row):
            right.append(
                [
                    f"{size} {task}",
                    *(_percent(net["test"]) if net else "" for net in row),
                    *(
                        bracket(_points(interval(own[gru])), 1) if gru in own else ""
                        for gru in GRUS
                    ),
                ]
            )
    for name, net in nets.items():
        if name.startswith("bias"):
            biases.append(
                [
                    name,
                    f"{net['chosen']['rate']:g}",
                    _percent(net["train"]),
                    _percent(net["test"]),
                    f"{median(net['update']):.0f}",
                ]
            )
    cost = []
    for kernel in KERNELS:
        for width, values in ratios(summary, kernel, GRUS[0]).items():
            one = interval(values)
            line = f"{one.mean:.2f} [{one.low:.2f}, {one.high:.2f}]"
            cost.append([kernel, width, line, _answer(one)])
    counts = [
        [
            row["hidden"],
            *(f"{row['parameters'][net]:,}" for net in NETS),
            f"{row['parameters'][GRUS[0]] / row['parameters']['LSTM']:.4f}",
        ]
        for row in summary["cost"]
    ]
    lead = [f"lead, {gru.removeprefix('GRU, ')}, uncorrected" for gru in GRUS]
    found = {
        "table": table(["test accuracy, %", *NETS, *lead], right) if right else "",
        "bias": table(["LSTM, by forget bias", "rate", "training, %", "test, %", "updates"], biases)
        if biases
        else "",
        "cost": table(["GRU's time / LSTM's", "units", "ratio", f"less than {LESS:g}?"], cost)
        if cost
        else "",
        "parameters": table(["units", *NETS, "ratio at equal width"], counts) if counts else "",
    }
    return {name: text for name, text in found.items() if text}


def _percent(values: Sequence[float]) -> str:
    return plus_minus([100 * value for value in values], 1)


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """The lead at every size; accuracy by forget bias; cost."""
    from rnn_book.experiments.plots import CONTENDERS, canvas, dots

    lead, axes = canvas(height=3.4)
    places: list[str] = []
    for task, size in SIZES.items():
        own = leads(summary, task, size)
        if own:
            for column, gru in enumerate(GRUS):
                if gru in own:
                    values = [100 * value for value in own[gru]]
                    at = len(places) + (column - 0.5) * 0.36
                    label = gru if not places else "_"
                    dots(axes, at, values, CONTENDERS[column], label, wide=0.3)
            places.append(f"{size}\n{task}")
    axes.axhline(0, color=CONTENDERS[7].light, linewidth=0.8)
    axes.set_xticks(range(len(places)), places)
    axes.set_ylabel("GRU's lead, points")
    _legend(axes, CONTENDERS)

    bias, axes = canvas(height=3.4)
    for column, budget in enumerate(("short", "long")):
        for place, value in enumerate(LADDER):
            start = f"bias {value:g}, {budget}, "
            for name, net in summary["nets"].items():
                if name.startswith(start):
                    label = f"{budget} training" if place == 1 else "_"
                    right = [100 * one for one in net["test"]]
                    at = place + (column - 0.5) * 0.42
                    dots(axes, at, right, CONTENDERS[column], label, wide=0.36)
    axes.set_xticks(range(len(LADDER)), [f"{value:g}".replace("-", "−") for value in LADDER])
    axes.set(xlabel="forget bias", ylabel="test accuracy, %")
    _legend(axes, CONTENDERS)

    cost, axes = canvas(height=3.0)
    for column, kernel in enumerate(KERNELS):
        for place, values in enumerate(ratios(summary, kernel, GRUS[0]).values()):
            label = kernel if place == 0 else "_"
            dots(axes, place + (column - 1) * 0.28, values, CONTENDERS[column], label, wide=0.22)
    axes.axhline(1, color=CONTENDERS[7].light, linewidth=0.8)
    axes.set_xticks(
        range(len(summary["cost"])), [f"{row['hidden']} units" for row in summary["cost"]]
    )
    axes.set_ylabel("GRU's time / LSTM's")
    _legend(axes, CONTENDERS)
    strokes = "Thick strokes are means, thin broken ones medians."
    pictures = {
        "lead": Picture(
            lead,
            "By how many points of test accuracy two GRUs are ahead of the LSTM",
            "For each task and size of the training set two columns of points, one a seed: at "
            f"equal width and at equal parameters, around a line at zero. {strokes}",
        ),
        "bias": Picture(
            bias,
            "Test accuracy on surnames by the LSTM's forget bias, short and long training",
            "For each forget bias two columns of points, one a "
            f"seed: short training, and training until validation stalls. {strokes}",
        ),
        "cost": Picture(
            cost,
            "Time of a GRU's training step as a part of the LSTM's, at equal width",
            "For each width three columns of points: PyTorch with oneDNN, PyTorch without it, and "
            f"NumPy, around a line at one. {strokes}",
        ),
    }
    there = {
        "lead": bool(places),
        "bias": any(name.startswith("bias") for name in summary["nets"]),
        "cost": bool(summary["cost"]),
    }
    return {name: picture for name, picture in pictures.items() if there[name]}


def _legend(axes: Any, styles: Sequence[Any]) -> None:
    """Words above the axes, each in its colour: the columns are too narrow for words of theirs."""
    if not axes.get_legend_handles_labels()[0]:
        return
    legend = axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    for text, style in zip(legend.get_texts(), styles, strict=False):
        text.set_color(style.light)
