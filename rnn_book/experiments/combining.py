"""L. Combinations: what dropout, zoneout, layer norm and residual connections add to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnn_book.datasets import reference_text
from rnn_book.experiments import contest
from rnn_book.experiments.characters import learn, score
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Status, Verdict
from rnn_book.experiments.contest import Contender, Knob
from rnn_book.experiments.contest_shown import answer, gains, named, rows, scores_figure, words
from rnn_book.experiments.intervals import decide
from rnn_book.experiments.shown import bracket, table

TITLE = "Combining"
QUESTION = "Improvements of an LSTM add up."
SEEDS = 8
TUNING_SEEDS = 2
COST = Cost(runs=220, minutes=330)

# Fixed before the full run, in November 2026.
MARGIN = 0.02
"""Bits per character that would be worth one more option."""
CHARACTERS, HELD_OUT = 40_000, 20_000
RATES = Knob("rate", (5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2), (2e-3, 4e-3, 8e-3))
DROP = Knob("p", (0.05, 0.1, 0.2, 0.35, 0.5, 0.65), (0.1, 0.2, 0.35))

# A part -> what it sets, with p where it has a probability.
PARTS: dict[str, dict[str, Any]] = {
    "between": {"between": "p"},
    "state": {"recurrent_dropout": "p"},
    "zoneout": {"zoneout": 0.1},
    "norm": {"kind": "LayerNormLSTM"},
    "residual": {"residual": True},
}
ALONE = tuple((part,) for part in PARTS)
TOGETHER = (
    ("between", "state"),
    ("between", "state", "zoneout"),
    ("between", "state", "norm"),
    ("between", "state", "residual"),
    ("between", "state", "norm", "residual"),
)
# What is asked of each sum: is it better than the same without the part that comes last?
QUESTIONS = {
    "+ state": ("between", "between + state"),
    "+ zoneout": ("between + state", "between + state + zoneout"),
    "+ norm": ("between + state", "between + state + norm"),
    "+ residual": ("between + state", "between + state + residual"),
}
BASE = {name: ("two layers", name) for name in PARTS}


def contenders(quick: bool = False) -> list[dict[str, Contender]]:
    """Two layers without anything, with each part alone, with several."""
    entries: dict[str, Any] = {"layers": 2, "hidden": 64, "batch": 16, "most": 80, "patience": 8}
    if quick:
        entries = {"layers": 2, "hidden": 12, "batch": 16, "most": 2, "passes": 0.3}
    groups: list[dict[str, Contender]] = [
        {"two layers": Contender({**entries, "parts": []}, (RATES,))}
    ]
    for sets in (ALONE, TOGETHER):
        group = {}
        for parts in sets:
            drops = any("p" in PARTS[part].values() for part in parts)
            knobs = (RATES, DROP) if drops else (RATES,)
            group[" + ".join(parts)] = Contender({**entries, "parts": list(parts)}, knobs)
        groups.append(group)
    return [*groups[:1], dict(list(groups[1].items())[:2])] if quick else groups


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The contest."""
    return contest.in_turn(contenders(quick), runs, score, SEEDS, quick=quick)


def seeds(setting: dict[str, Any]) -> range:
    """Those of a contest."""
    return contest.seeds_of(setting, SEEDS, TUNING_SEEDS)


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Bits per character of one net, trained until it stalls."""
    options: dict[str, Any] = {}
    for part in setting["parts"]:
        for name, value in PARTS[part].items():
            options[name] = setting["p"] if value == "p" else value
    return learn(setting, seed, CHARACTERS, HELD_OUT, **options)


def data() -> list[dict[str, Any]]:
    """Provenance of the text."""
    return [reference_text().provenance]


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """For each contender what was chosen, and every seed's scores."""
    every = {name: one for group in contenders() for name, one in group.items()}
    nets = contest.summary(every, runs, score, ("test", "updates", "best"))
    for net in nets.values():
        places = zip(net.pop("updates"), net.pop("best"), strict=True)
        net["updates_at_best"] = [updates[best] for updates, best in places]
    return {"nets": nets}


def verdict(summary: dict[str, Any]) -> Verdict:
    """What each further part saves, given those before it."""
    found = gains(summary["nets"], QUESTIONS)
    sides = [decide(one) for one in found.values()]
    status: Status = "undecided"
    if len(found) == len(QUESTIONS):
        if all(side == "above" for side in sides):
            status = "held"
        elif "above" in sides:
            status = "held partly"
        elif all(decide(one, MARGIN) == "below" for one in found.values()):
            status = "not held"
    rule = (
        "networks of two layers on 40,000 characters. Dropout on the state is added to dropout "
        "between layers, and then zoneout, layer normalisation or residual connections to both; "
        "what each addition saves on test text is taken seed by seed, and the four are one family. "
        "Held if every addition has an interval above 0; held partly if some have; not held if "
        f"none has and all exclude {MARGIN:g} bits; otherwise undecided. Every combination has a "
        "rate and a probability of its own, tuned on validation text under other seeds."
    )
    text = f"An addition saves, in bits per character, {words(found, 3, 'bits')}." if found else ""
    return Verdict(status, rule, text)


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """Numbers that pages may use in their prose."""
    return named(summary["nets"], 3)


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Every combination; what each part saves alone, and on top of others."""
    if not summary["nets"]:
        return {}
    nets = summary["nets"]
    lines = [
        [f"{label}, {name}", bracket(one, 3), answer(one, MARGIN)]
        for label, asked in (("alone", BASE), ("on top", QUESTIONS))
        for name, one in gains(nets, asked).items()
    ]
    return {
        "table": rows(nets, "test, bits per character", ["rate", "p"], 3),
        "gains": table(["bits saved", "mean and interval", ""], lines),
    }


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Every seed's test score for each combination."""
    from rnn_book.experiments.plots import CONTENDERS, canvas

    if not summary["nets"]:
        return {}
    nets = summary["nets"]
    names = [name for group in contenders() for name in group]
    figure, axes = canvas(height=4.2, width=8.4)
    styles = {name: CONTENDERS[min(name.count("+"), 3)] for name in names}
    labels = {
        name: name.replace(" + ", " +\n").replace("two layers", "two\nlayers") for name in names
    }
    scores_figure(axes, nets, styles, {}, labels)
    axes.set_ylabel("test, bits per character")
    return {
        "": Picture(
            figure,
            "Bits per character on test text for combinations of improvements",
            "Every seed's score as a mark for two plain layers, for each improvement alone and for "
            "several together; thick strokes are means, thin broken ones medians.",
        )
    }
