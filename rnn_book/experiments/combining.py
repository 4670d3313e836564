"""L. Combinations: what dropout on the output and dropout on the state add to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnn_book.datasets import reference_text
from rnn_book.experiments import contest
from rnn_book.experiments.characters import learn, score
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.contest import Contender, Knob
from rnn_book.experiments.contest_shown import (
    answer,
    gains,
    named,
    rows,
    scores_figure,
    standing,
    still,
    words,
)
from rnn_book.experiments.shown import bracket, table

TITLE = "Combining"
QUESTION = "Dropout on the output and dropout on the state add up."
SEEDS = 10
TUNING_SEEDS = 1
COST = Cost(runs=62, minutes=9)
CHANGES = (
    "The design was made smaller before it ran: one layer of 32 units on 20,000 characters instead "
    "of two layers of 64 on 40,000, one seed for tuning instead of two, and the two parts that "
    "cost least, dropout on the output and dropout on the state, alone and together. Nothing is "
    "said of what zoneout, layer normalisation or residual connections add to them."
)

# Fixed before the full run, in November 2026.
MARGIN = 0.02
"""Bits per character that would be worth one more option."""
CHARACTERS, HELD_OUT = 20_000, 10_000
RATES = Knob("rate", (5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2), (4e-3, 8e-3, 1.6e-2))
DROP = Knob("p", (0.05, 0.1, 0.2, 0.35, 0.5, 0.65), (0.1, 0.2, 0.35))

# A part -> the option that gets p.
PARTS = {"output": "output_dropout", "state": "recurrent_dropout"}
NETS: dict[str, tuple[str, ...]] = {
    "none": (),
    "output": ("output",),
    "state": ("state",),
    "output + state": ("output", "state"),
}
# What is asked of the sum: is it better than either of its parts alone?
QUESTIONS = {
    "state added to output": ("output", "output + state"),
    "output added to state": ("state", "output + state"),
}
ALONE = {"output alone": ("none", "output"), "state alone": ("none", "state")}


def contenders(quick: bool = False) -> dict[str, Contender]:
    """Neither part, each alone, and both with one probability."""
    entries: dict[str, Any] = {
        "hidden": 32,
        "batch": 32,
        "most": 40,
        "patience": 5,
        "passes": 2.0,
    }
    if quick:
        entries = {"hidden": 12, "batch": 16, "most": 2, "passes": 0.3}
    return {
        name: Contender({**entries, "parts": list(parts)}, (RATES, DROP) if parts else (RATES,))
        for name, parts in NETS.items()
        if not quick or len(parts) < 2
    }


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The contest."""
    return contest.plan(contenders(quick), runs, score, quick=quick)


def seeds(setting: dict[str, Any]) -> range:
    """Those of a contest."""
    return contest.seeds_of(setting, SEEDS, TUNING_SEEDS)


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Bits per character of one net, trained until it stalls."""
    options: dict[str, Any] = {PARTS[part]: setting["p"] for part in setting["parts"]}
    return learn(setting, seed, CHARACTERS, HELD_OUT, **options)


def data() -> list[dict[str, Any]]:
    """Provenance of the text."""
    return [reference_text().provenance]


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """For each contender what was chosen, and every seed's scores."""
    nets = contest.summary(contenders(), runs, score, ("test", "updates", "best"))
    for net in nets.values():
        places = zip(net.pop("updates"), net.pop("best"), strict=True)
        net["updates_at_best"] = [updates[best] for updates, best in places]
    return {"nets": nets}


def verdict(summary: dict[str, Any]) -> Verdict:
    """What each part saves when the other is there already."""
    found, alone = gains(summary["nets"], QUESTIONS), gains(summary["nets"], ALONE)
    rule = (
        "networks of one layer learn from 20,000 characters. Dropout on the output is added to "
        "dropout on the state, and the other way round; what each addition saves on test text is "
        "taken seed by seed, and the two are one family. Held if both intervals are above 0; held "
        f"partly if one is; not held if none is and both exclude {MARGIN:g} bits; otherwise "
        "undecided. Every network has a rate and a probability of its own, the same probability "
        "for both parts, tuned on validation text under other seeds."
    )
    text = ""
    if found:
        text = f"An addition saves, in bits per character, {words(found, 3, 'bits')}."
    if alone:
        text += f" Against none: {words(alone, 3, 'bits')}."
    status = standing(found, 2, MARGIN)
    if status == "undecided":
        text = f"{text} {still(found, MARGIN)}"
    return Verdict(status, rule, text.strip())


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """Numbers that pages may use in their prose."""
    return named(summary["nets"], 3)


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Every combination; what each part saves alone, and on top of the other."""
    if not summary["nets"]:
        return {}
    nets = summary["nets"]
    lines = [
        [name, bracket(one, 3), answer(one, MARGIN)]
        for asked in (ALONE, QUESTIONS)
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
    figure, axes = canvas(height=3.6)
    styles = dict(zip(NETS, CONTENDERS, strict=False))
    labels = {name: name.replace(" + ", " +\n") for name in NETS}
    scores_figure(axes, nets, styles, {}, labels)
    axes.set_ylabel("test, bits per character")
    return {
        "": Picture(
            figure,
            "Bits per character on test text without dropout, with each kind and with both",
            "Every seed's score as a mark for an LSTM without dropout, with dropout on the output, "
            "on the state and on both; thick strokes are means, thin broken ones medians.",
        )
    }
