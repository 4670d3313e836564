"""How the evidence for the forget gate is summed up, judged and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture, Run, Status, Verdict
from rnn_book.experiments.intervals import decide, interval, share, would_take
from rnn_book.experiments.seeds_shown import nothing_yet, table_of
from rnn_book.experiments.shown import grouped, mean, plus_minus

__all__ = ["figures", "numbers", "summarise", "tables", "verdict"]

LEVEL, LEVEL_TWICE = 0.95, 0.975
GUESSING = 0.55
"""A coin is right in half of all cases, and a network that guesses in a few more or less."""


def summarise(runs: Sequence[Run], *, able: float, unable: float) -> dict[str, Any]:
    """Of each network and way of training every reported seed."""
    nets: dict[str, Any] = {}
    reported = [run for run in runs if run.setting["stage"] == "reported"]
    for (trained, net), group in grouped(reported, "trained", "net").items():
        results = [run.result for run in group]
        forget = [result["mean_forget_gate"] for result in results]
        nets[f"{net}, trained {trained}"] = {
            "net": net,
            "trained": trained,
            "rate": group[0].setting["rate"],
            **{
                key: [result[key] for result in results]
                for key in ("streams", "streams_other", "strings", "right", "size")
            },
            "forget_gates": None if None in forget else forget,
        }
    return {
        "nets": nets,
        "symbols": runs[0].setting["symbols"] if runs else 0,
        "able": able,
        "unable": unable,
        "backends_differ": max((run.result["backends_differ"] for run in runs), default=0.0),
    }


def verdict(summary: dict[str, Any]) -> Verdict:
    """The gated network reads the stream, the other does not, though it can read strings."""
    able, unable = summary["able"], summary["unable"]
    rule = (
        f"a network can do a task if its share of right long-lag symbols is above {100 * able:.0f} "
        f"%, and cannot if it is below {100 * unable:.0f} %; the 95 % interval of the mean over "
        "seeds (from 20 seeds on a bootstrap's, else Student's t) has to be on that side as a "
        "whole, for the network without a gate on streams the 97.5 % interval. Held if after "
        "training on streams the network with a forget gate can read fresh streams and the one "
        "without cannot, and with a reset at every string both can read strings, so that the task "
        "itself is within reach of both; held partly if the first alone is so; undecided if an "
        "interval contains its threshold; not held otherwise."
    )
    nets = summary["nets"]
    asked = {
        "with": ("forget gate, trained on streams", "streams", able, "above"),
        "without": ("no forget gate, trained on streams", "streams", unable, "below"),
        "strings, with": ("forget gate, trained with resets", "strings", able, "above"),
        "strings, without": ("no forget gate, trained with resets", "strings", able, "above"),
    }
    if any(name not in nets or len(nets[name][test]) < 2 for name, test, *_ in asked.values()):
        return Verdict("undecided", rule, "")
    so, open_, needed = {}, [], []
    for key, (name, test, threshold, side) in asked.items():
        # Those without a gate were looked at twice.
        one = interval(nets[name][test], LEVEL_TWICE if key == "without" else LEVEL)
        answer = decide(one, threshold)
        so[key] = answer == side
        if answer == "undecided":
            open_.append(key)
            needed.append(would_take([one], threshold))
    if so["with"] and so["without"]:
        strings = [key for key in so if key.startswith("strings")]
        status: Status = "held" if all(so[key] for key in strings) else "held partly"
        if status == "held partly" and any(key in open_ for key in strings):
            status = "undecided"
    else:
        status = "undecided" if open_ else "not held"
    found = {key: nets[name] for key, (name, *_) in asked.items()}
    able_seeds = {
        key: f"{sum(share > able for share in found[key]['streams'])} of "
        f"{len(found[key]['streams'])}"
        for key in ("with", "without")
    }
    text = (
        f"On fresh streams of {summary['symbols']} symbols the long-lag symbol is right in "
        f"{_show_percent(found['with']['streams'])} with a forget gate and in "
        f"{_show_percent(found['without']['streams'])} without; above {100 * able:.0f} % are "
        f"{able_seeds['with']} seeds with it and {able_seeds['without']} without. The mean |c| at "
        "their end is "
        f"{mean(size[-1] for size in found['with']['size']):.1f} and "
        f"{mean(size[-1] for size in found['without']['size']):.0f}. With a reset at every string "
        f"the networks reach {100 * mean(found['strings, with']['strings']):.1f} % and "
        f"{100 * mean(found['strings, without']['strings']):.1f} % on strings. The gated network "
        f"that was trained so has {_show_percent(found['strings, with']['streams'])} on streams: "
        "the gate has to learn to forget."
    )
    if status == "undecided":
        text += f" {needed[0]}"
    return Verdict(status, rule, text)


def _show_percent(shares: Sequence[float]) -> str:
    return f"{plus_minus((100 * share for share in shares), 1)} %"


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Both networks, trained both ways, on both tests."""
    head = ["network, trained", "on streams, %", "on strings, %", "size of c", "mean f"]
    rows = [
        [
            f"{its['net']}, {its['trained']}",
            plus_minus((100 * share for share in its["streams"]), 1),
            plus_minus((100 * share for share in its["strings"]), 1),
            plus_minus([size[-1] for size in its["size"]], 1),
            plus_minus(its["forget_gates"]) if its["forget_gates"] else "",
        ]
        for its in summary["nets"].values()
    ]
    return {"table": table_of(head, rows)}


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """What the prose of pages uses."""
    found = {}
    for name, its in summary["nets"].items():
        found[f"streams, {name}"] = f"{100 * mean(its['streams']):.1f}"
        able = sum(one > summary["able"] for one in its["streams"])
        chance = share(able, len(its["streams"]))
        found[f"able, {name}"] = str(able)
        found[f"able at least, {name}"] = f"{100 * chance.low:.0f}"
        found[f"able at most, {name}"] = f"{100 * chance.high:.0f}"
        halfway = sum(GUESSING < one <= summary["able"] for one in its["streams"])
        found[f"halfway, {name}"] = str(halfway)
        found[f"strings, {name}"] = f"{100 * mean(its['strings']):.1f}"
        found[f"size, {name}"] = f"{mean(size[-1] for size in its['size']):.1f}"
    return found


def figures(summary: dict[str, Any], piece: int) -> dict[str, Picture]:
    """Size of the cell state along a stream; share of right answers."""
    from matplotlib.ticker import ScalarFormatter

    from rnn_book.experiments.plots import CONTENDERS, canvas, label_lines, seed_lines

    size, axes = canvas(height=3.6)
    share, others = canvas(height=3.6)
    for style, its in zip(CONTENDERS, summary["nets"].values(), strict=False):
        symbols = piece * (1 + np.arange(len(its["size"][0])))
        label = f"{its['net'].replace('forget ', '')}, {its['trained']}"
        seed_lines(axes, symbols, its["size"], style, label)
        seed_lines(others, symbols, list(100 * np.asarray(its["right"])), style, label)
    axes.set(yscale="log", xlabel="symbols read", ylabel="mean size of the cell state, |c|")
    axes.yaxis.set_major_formatter(ScalarFormatter())
    others.set(ylim=(0, 105), xlabel="symbols read", ylabel="long-lag symbol right, %")
    for part in (axes, others):
        if summary["nets"]:
            label_lines(part, room=0.45)
        else:
            nothing_yet(part)
    where = "along fresh streams, with and without a forget gate"
    seeds = "A thin line per seed and a thick one for their median, for each network and way of "
    return {
        "": Picture(
            size,
            f"Mean size of the cell state {where}",
            f"{seeds}training, over the number of symbols read, on a logarithmic axis. Without a "
            "forget gate the lines rise all the way.",
        ),
        "right": Picture(
            share,
            f"Share of right predictions of the long-lag symbol {where}",
            f"{seeds}training, over the number of symbols read.",
        ),
    }
