"""How the gradients over time are summed up, judged and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnn_book.experiments.claims import Picture, Run, Status, Verdict
from rnn_book.experiments.intervals import Interval, decide, family, paired
from rnn_book.experiments.seeds_shown import nothing_yet, powers, table_of, updates_cells
from rnn_book.experiments.shown import bracket, grouped, plus_minus

__all__ = ["figures", "numbers", "summarise", "tables", "verdict"]

EVERY = 5  # lags from one kept norm to the next


def summarise(runs: Sequence[Run], *, guess: float, alive: float) -> dict[str, Any]:
    """Of each network every seed's curve and numbers."""
    fresh: dict[str, Any] = {}
    trained: dict[str, Any] = {}
    for (part, net, stage), group in grouped(runs, "part", "net", "stage").items():
        results = [run.result for run in group]
        steps = group[0].setting["steps"]
        if part == "fresh":
            fresh[net] = {
                "norms": [r["norms"] for r in results],
                "factors": [r["factor"] for r in results],
                "at": steps // 2,
                "norms_at": [r["norms"][steps // 2 // EVERY] for r in results],
                "gates": [r["mean_gate"] for r in results if r["mean_gate"] is not None],
                "paths": {
                    path: {
                        "factors": [r["paths"][path]["factor"] for r in results],
                        "norms": [r["paths"][path]["norms"] for r in results],
                    }
                    for path in results[0]["paths"]
                },
                "backends_differ": max(r["backends_differ"] for r in results),
            }
        elif stage == "reported":
            trained[net] = {
                "at": steps - 1,
                "rate": group[0].setting["rate"],
                "budget": group[0].setting["updates"],
                **{key: [r[key] for r in results] for key in ("before", "after", "at_last")},
                **{key: [r[key] for r in results] for key in ("updates", "solved", "test")},
                "carried_at_last": [
                    r["carried_at_last"] for r in results if r["carried_at_last"] is not None
                ],
                "cells_that_keep": [
                    r["cells_that_keep"] for r in results if r["cells_that_keep"] is not None
                ],
            }
    return {"fresh": fresh, "trained": trained, "guess": guess, "alive": alive}


def _questions(summary: dict[str, Any]) -> dict[str, Interval]:
    """Powers of ten that are left, of those networks that the rule asks about."""
    fresh, trained = summary["fresh"], summary["trained"].get("LSTM")
    asked = {
        net: np.log10(fresh[net]["norms_at"])
        for net in ("LSTM, forget bias 0", "LSTM, forget bias 3")
        if net in fresh and len(fresh[net]["norms_at"]) > 1
    }
    if trained and len(trained["at_last"]) > 1:
        asked["trained"] = np.log10([after for _, after in trained["at_last"]])
    return family(asked, np.log10(summary["alive"]))


def verdict(summary: dict[str, Any]) -> Verdict:
    """Alive as it begins, alive once biased or trained, or dead."""
    alive, asked = summary["alive"], _questions(summary)
    at = next(iter(summary["fresh"].values()))["at"] if summary["fresh"] else 100
    rule = (
        f"a gradient is alive if its norm is above {alive:g}. The intervals (Student's t on powers "
        "of ten, 95 %, Holm's correction for the three questions) decide. Held if a fresh LSTM "
        f"with forget bias 0 is alive at lag {at}; held partly if it is not, but is so with "
        "forget bias 3, and trained on the adding problem at the first step of the sequence; not "
        "held if it is dead in one of these two as well; undecided if an interval contains the "
        "threshold."
    )
    answers = {name: decide(found, np.log10(alive)) for name, found in asked.items()}
    unbiased, biased, trained = (
        answers.get(name, "undecided")
        for name in ("LSTM, forget bias 0", "LSTM, forget bias 3", "trained")
    )
    if "undecided" in (unbiased, biased, trained):
        status: Status = "undecided"
    elif unbiased == "above":
        status = "held"
    else:
        status = "held partly" if biased == trained == "above" else "not held"
    words = {
        "LSTM, forget bias 0": f"a fresh LSTM with forget bias 0, at lag {at}",
        "LSTM, forget bias 3": f"with forget bias 3, at lag {at}",
        "trained": "trained on the adding problem, at the first of its 100 steps",
    }
    parts = [f"{words[name]}: {_show_power(found)}" for name, found in asked.items()]
    text = "What is left of the gradient, in powers of ten with intervals: " + "; ".join(parts)
    return Verdict(status, rule, text + ".")


def _show_power(found: Interval) -> str:
    return bracket(found, 1)


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Fresh networks; the paths of their gradients; trained networks."""
    fresh, trained = summary["fresh"], summary["trained"]
    at = next(iter(fresh.values()))["at"] if fresh else 100
    return {
        "table": table_of(
            ["fresh network", "factor per step", f"norm at lag {at}"],
            (
                [net, plus_minus(found["factors"], 3), powers(found["norms_at"])]
                for net, found in fresh.items()
            ),
        ),
        "paths": table_of(
            ["fresh network", "mean gate", "all ways", "state", "product", "all less state"],
            (
                [
                    net,
                    f"{np.mean(found['gates']):.3f}" if found["gates"] else "1",
                    f"{np.mean(found['factors']):.3f}",
                    f"{np.mean(found['paths']['carry']['factors']):.3f}",
                    f"{np.mean(found['paths']['recurrent']['factors']):.3f}",
                    _show_added(found),
                ]
                for net, found in fresh.items()
                if found["paths"]
            ),
        ),
        "trained": table_of(
            ["after training", *trained],
            (
                [cells[0][0], *(text for _, text in cells)]
                for cells in zip(*map(_show_trained, trained.values()), strict=True)
            ),
        ),
    }


def _show_trained(found: dict[str, Any]) -> list[tuple[str, str]]:
    """What training did to a network, each with its words."""
    solved, updates = updates_cells(found["updates"], found["solved"])
    keep = found["cells_that_keep"]
    return [
        ("learning rate", f"{found['rate']:g}"),
        ("seeds that solved the task", solved),
        ("updates, median of those", updates),
        ("error, median", f"{np.median(found['test']):.4f}"),
        ("norm, fresh", powers([before for before, _ in found["at_last"]])),
        ("norm, trained", powers([after for _, after in found["at_last"]])),
        ("along c alone", powers(found["carried_at_last"]) if keep else ""),
        ("units with mean f above 0.97", plus_minus(keep, 1) if keep else ""),
    ]


def _show_added(found: dict[str, Any]) -> str:
    factors = found["factors"]
    if len(factors) < 2:
        return ""
    return bracket(paired(factors, found["paths"]["carry"]["factors"]), 3)


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """What the prose of pages uses."""
    found = {}
    for net, its in summary["fresh"].items():
        found[f"factor, {net}"] = f"{np.mean(its['factors']):.3f}"
        found[f"norm, {net}"] = powers(its["norms_at"])
        if its["paths"]:
            for path, part in its["paths"].items():
                found[f"factor, {net}, {path}"] = f"{np.mean(part['factors']):.3f}"
        if its["gates"]:
            found[f"gate, {net}"] = f"{np.mean(its['gates']):.3f}"
    if trained := summary["trained"].get("LSTM"):
        after = [after for _, after in trained["at_last"]]
        shares = np.divide(trained["carried_at_last"], after)
        found["carried, least"], found["carried, most"] = f"{min(shares):.2f}", f"{max(shares):.2f}"
    return found


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Norm against lag: as networks begin; by path; before and after training."""
    from rnn_book.experiments.plots import CONTENDERS, canvas, label_lines, seed_lines

    plain = {net: its for net, its in summary["fresh"].items() if not its["paths"]}
    gated = {net: its for net, its in summary["fresh"].items() if its["paths"]}
    fresh, rows = canvas(1, 2, height=6.6)
    for axes, nets in zip(rows, (plain, gated), strict=True):
        for style, (net, found) in zip(CONTENDERS, nets.items(), strict=False):
            norms = np.maximum(found["norms"], 1e-30)
            seed_lines(axes, EVERY * np.arange(norms.shape[1]), norms, style, net)
        _axes_of_lags(axes)
        if nets:
            label_lines(axes, room=0.42)
        else:
            nothing_yet(axes)

    paths, rows = canvas(1, 2, height=6.0)
    words = {"": "all paths", "carry": "carried alone", "recurrent": "recurrent alone"}
    for axes, net in zip(rows, ("LSTM, forget bias 1", "LSTM, forget bias 3"), strict=True):
        if net not in gated:
            nothing_yet(axes)
            continue
        for style, (path, word) in zip(CONTENDERS, words.items(), strict=False):
            rows_ = gated[net]["norms"] if not path else gated[net]["paths"][path]["norms"]
            norms = np.maximum(rows_, 1e-30)
            seed_lines(axes, EVERY * np.arange(norms.shape[1]), norms, style, word)
        _axes_of_lags(axes)
        axes.set_title(net)
        label_lines(axes, room=0.42)

    after, axes = canvas(height=3.6)
    styles = iter(CONTENDERS)
    for net, found in summary["trained"].items():
        for when, word in (("before", "fresh"), ("after", "trained")):
            norms = np.maximum(np.asarray(found[when]), 1e-30)
            x = EVERY * np.arange(norms.shape[1])
            seed_lines(axes, x, norms, next(styles), f"{net}, {word}")
    _axes_of_lags(axes)
    if summary["trained"]:
        label_lines(axes, room=0.36)
    else:
        nothing_yet(axes)
    seeds = "A thin line per seed and a thick one for their median"
    return {
        "": Picture(
            fresh,
            "Norm of the gradient of the last state by lag, fresh networks",
            f"{seeds}, over the number of steps back, on a logarithmic axis. Above plain networks, "
            "below those with gates. Where the gate that keeps is open, and in the ReLU network "
            "that starts from the identity, the lines stay high, the others fall.",
        ),
        "paths": Picture(
            paths,
            "Norm of the gradient by lag and path in two fresh LSTMs",
            f"{seeds}, on a logarithmic axis: all paths together, through the carried cell state "
            "alone, and through the recurrent product alone, which falls out of the picture at "
            "once. The line of all paths is above that of the cell state.",
        ),
        "trained": Picture(
            after,
            "Norm of the gradient by lag before and after training on the adding problem",
            f"{seeds}, for two networks before and after training, over the number of steps back, "
            "on a logarithmic axis.",
        ),
    }


def _axes_of_lags(axes: Any) -> None:
    from rnn_book.experiments.plots import gradient_axis

    gradient_axis(axes, 1e-20, 1e3)
    axes.set_xlabel("lag, steps")
    axes.locator_params(axis="x", nbins=5)
