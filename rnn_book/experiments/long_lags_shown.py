"""How the evidence on long lags is summed up, judged and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture, Run, Status, Verdict
from rnn_book.experiments.intervals import Interval, decide, family
from rnn_book.experiments.seeds_shown import dots_of_seeds, nothing_yet, table_of, updates_cells
from rnn_book.experiments.shown import grouped

__all__ = ["figures", "numbers", "share_interval", "summarise", "tables", "verdict"]

HALF = 0.5
WORDS = {"adding": "the adding problem", "recall": "recall of the first symbol"}


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """For each task, length and network every reported seed; which rates were tried."""
    cells: list[dict[str, Any]] = []
    for (task, steps), its in grouped(runs, "task", "steps").items():
        nets: dict[str, Any] = {}
        for (net,), group in grouped(its, "net").items():
            reported = [run for run in group if run.setting["stage"] == "reported"]
            if reported:
                nets[net] = {
                    "rate": reported[0].setting["rate"],
                    "tried": sorted({run.setting["rate"] for run in group}),
                    **{
                        key: [run.result[key] for run in reported]
                        for key in ("updates", "solved", "test")
                    },
                }
        if nets:
            budget = its[0].setting["updates"]
            cells.append({"task": task, "steps": steps, "budget": budget, "nets": nets})
    return {"cells": sorted(cells, key=lambda cell: (cell["task"], cell["steps"]))}


def share_interval(hits: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share (Clopper & Pearson 1934)."""
    from scipy import stats

    rest = (1 - level) / 2
    low = float(stats.beta.ppf(rest, hits, trials - hits + 1)) if hits else 0.0
    high = float(stats.beta.ppf(1 - rest, hits + 1, trials - hits)) if hits < trials else 1.0
    return low, high


def _learns(solved: Sequence[bool], level: float) -> str:
    """The share of seeds that solve, against one half: "above", "below" or "undecided"."""
    low, high = share_interval(sum(solved), len(solved), level)
    return "above" if low > HALF else "below" if high < HALF else "undecided"


def _answer(cell: dict[str, Any]) -> str:
    """Whether the claim is true of a task at a length: "true", "false" or "undecided"."""
    asked = {net: its for net, its in cell["nets"].items() if not net.startswith("GRU")}
    level = 1 - 0.05 / max(len(asked), 1)
    found = {net: _learns(its["solved"], level) for net, its in asked.items()}
    lstms = [answer for net, answer in found.items() if net.startswith("LSTM")]
    plain = [answer for net, answer in found.items() if net.startswith("RNN")]
    if "above" in plain or (lstms and set(lstms) == {"below"}):
        return "false"
    if "above" in lstms and plain and set(plain) == {"below"}:
        return "true"
    return "undecided"


def verdict(summary: dict[str, Any]) -> Verdict:
    """Where an LSTM learns and no plain RNN does."""
    rule = (
        "a network learns a task at a length if more than half of all seeds solve it within the "
        "budget, and does not if fewer do; the exact 95 % interval of that share (Clopper and "
        "Pearson, corrected for the number of networks) decides. At a task and length the claim is "
        "true if one of the LSTM's starts learns it and none of the plain network's does, and "
        "false if one of the plain network's does or none of the LSTM's. Held if it is true "
        "everywhere, not held if it is false everywhere, held partly if it is true at some and "
        "false at all others, else undecided."
    )
    answers = [_answer(cell) for cell in summary["cells"]]
    if not answers or "undecided" in answers:
        status: Status = "undecided"
    elif len(set(answers)) == 1:
        status = "held" if answers[0] == "true" else "not held"
    else:
        status = "held partly"
    text = []
    for cell in summary["cells"]:
        best = {
            kind: max(
                ((sum(its["solved"]), net) for net, its in cell["nets"].items() if kind in net),
                default=(0, "none"),
            )
            for kind in ("LSTM", "RNN")
        }
        seeds = len(next(iter(cell["nets"].values()))["solved"])
        text.append(
            f"{WORDS[cell['task']]} at {cell['steps']} steps is solved by "
            + " and by ".join(
                f"{hits} of {seeds} seeds of the best {kind} ({_show_start(net)})"
                for kind, (hits, net) in best.items()
            )
        )
    joined = "; ".join(text)
    if joined:
        joined = f"{joined[:1].upper()}{joined[1:]}. Longer lags were not tried."
    return Verdict(status, rule, joined)


def _show_start(net: str) -> str:
    return net.partition(", ")[2] or "usual start"


def _faster(cell: dict[str, Any]) -> dict[str, Interval]:
    """By how many powers of two other starts need fewer updates than the LSTM's forget bias 1."""
    nets = cell["nets"]
    usual = nets.get("LSTM, forget bias 1")
    differences = {
        net: np.log2(usual["updates"]) - np.log2(its["updates"])
        for net, its in nets.items()
        if usual
        and net in ("LSTM, forget bias ln T", "LSTM, chrono", "RNN, ReLU, identity")
        and len(its["updates"]) == len(usual["updates"]) > 1
    }
    return family(differences)


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """A table per task; how many times fewer updates other starts need than forget bias 1."""
    texts = {}
    for task, words in WORDS.items():
        cells = [cell for cell in summary["cells"] if cell["task"] == task]
        nets = dict.fromkeys(net for cell in cells for net in cell["nets"])
        head = [words, *(f"T = {cell['steps']}" for cell in cells)]
        rows = []
        for net in nets:
            found = [cell["nets"].get(net) for cell in cells]
            rows.append([net, *(_show_cell(its) if its else "" for its in found)])
        texts[task] = table_of(head, rows)
        if any(_is_at_edge(its) for cell in cells for its in cell["nets"].values()):
            texts[task] += "\n\n† the learning rate lies at the edge of what was tried."
    rows = [
        [
            f"{WORDS[cell['task']]}, T = {cell['steps']}",
            net,
            _show_ratio(found, cell["nets"]["LSTM, forget bias 1"]["solved"]),
            {"above": "fewer", "below": "more"}.get(decide(found), "undecided"),
        ]
        for cell in summary["cells"]
        for net, found in _faster(cell).items()
    ]
    texts["starts"] = table_of(["task", "start", "ratio", "it needs"], rows)
    return texts


def _show_cell(its: dict[str, Any]) -> str:
    """As "7/10, 425": seven of ten seeds solved it, in a median of 425 updates."""
    done = [used for used, well in zip(its["updates"], its["solved"], strict=True) if well]
    share = f"{len(done)}/{len(its['solved'])}"
    text = f"{share}, {np.median(done):.0f}" if done else share
    return f"{text} †" if _is_at_edge(its) else text


def _is_at_edge(its: dict[str, Any]) -> bool:
    """Whether the chosen rate is the smallest or the largest of those that were tried."""
    return len(its["tried"]) > 1 and its["rate"] in (its["tried"][0], its["tried"][-1])


def _show_ratio(found: Interval, usual: Sequence[bool]) -> str:
    """How many times fewer updates; a bound where the usual start never solved the task."""
    if not any(usual):
        return f"at least {2**found.mean:.2g}"
    return f"{2**found.mean:.2g} [{2**found.low:.2g}, {2**found.high:.2g}]"


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """What the prose of pages uses."""
    found = {}
    for cell in summary["cells"]:
        for net, its in cell["nets"].items():
            key = f"{cell['task']} {cell['steps']}, {net}"
            solved, updates = updates_cells(its["updates"], its["solved"])
            found[f"solved, {key}"], found[f"updates, {key}"] = solved, updates
            found[f"budget, {key}"] = f"{cell['budget']:,}"
            if cell["task"] == "recall":
                found[f"right in half, {key}"] = str(sum(wrong < 0.55 for wrong in its["test"]))
    return found


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Updates until solved, of every seed."""
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    from rnn_book.experiments.plots import CONTENDERS, canvas

    kinds = {"RNN": CONTENDERS[1], "LSTM": CONTENDERS[0], "GRU": CONTENDERS[2]}
    ink = CONTENDERS[-1].light
    pictures = {}
    for task, words in WORDS.items():
        cells = [cell for cell in summary["cells"] if cell["task"] == task]
        rows = max(len(cells), 1)
        tall = sum(0.9 + 0.27 * len(cell["nets"]) for cell in cells) or 2.0
        figure, panels = canvas(1, rows, height=tall, squeeze=False)
        for axes, cell in zip(panels[:, 0], cells, strict=False):
            nets = list(cell["nets"])
            for place, net in enumerate(nets):
                its = cell["nets"][net]
                dots_of_seeds(
                    axes,
                    place,
                    its["updates"],
                    kinds[net.partition(",")[0]],
                    open_at=[not done for done in its["solved"]],
                    means=False,
                )
            axes.axvline(cell["budget"], color=ink, linewidth=0.8)
            axes.set(xscale="log", xlim=(20, 1.25 * max(cell["budget"] for cell in cells)))
            axes.set(yticks=range(len(nets)), ylim=(len(nets) - 0.4, -0.6))
            axes.set_yticklabels(nets)
            axes.grid(visible=False, axis="y")
            axes.set(title=f"T = {cell['steps']}", xlabel="updates until solved")
            axes.xaxis.set_major_formatter(ScalarFormatter())
            axes.xaxis.set_minor_formatter(NullFormatter())
        if not cells:
            nothing_yet(panels[0, 0])
        pictures["" if task == "adding" else task] = Picture(
            figure,
            f"Updates until {words} is solved",
            "A panel per length and a row per network. A mark per seed, filled where the task was "
            "solved and hollow, at the line of the budget, where it was not; a dashed stroke at "
            "the median. On a logarithmic axis.",
        )
    return pictures
