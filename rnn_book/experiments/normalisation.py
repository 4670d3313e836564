"""K. Layer normalisation: how fast and how well an LSTM learns with it, by size of batch."""

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
    curves,
    gains,
    named,
    rows,
    standing,
    still,
    words,
)
from rnn_book.experiments.intervals import paired
from rnn_book.experiments.shown import bracket, mean, table
from rnn_book.experiments.tuning import scores

TITLE = "Layer normalisation"
QUESTION = "With layer normalisation an LSTM learns faster from the first updates on."
SEEDS = 10
TUNING_SEEDS = 1
COST = Cost(runs=56, minutes=6)
CHANGES = (
    "The design was made smaller before it ran: 160 updates, which is the beginning of training "
    "that the claim speaks of, instead of 30 passes over the text, 32 units instead of 64, batches "
    "of 8 and 32 instead of 4 and 64, and one seed for the choice of a rate instead of two. "
    "Nothing is said any more of the score that is reached in the end."
)

# Fixed before the full run, in November 2026.
MARGIN = 0.02
"""Bits per character, in the mean of the curve and at its best, that would be worth an option."""
CHARACTERS, HELD_OUT = 80_000, 10_000
BATCHES = {"small batches": 8, "large batches": 32}
EVERY, LOOKS, STEPS = 20, 8, 50
"""Updates from look to look; looks; steps of an update."""
KINDS = {"LSTM": "LSTM", "with layer norm": "LayerNormLSTM"}
RATES = Knob("rate", (5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2), (4e-3, 8e-3, 1.6e-2))
QUESTIONS = {batch: (f"LSTM, {batch}", f"with layer norm, {batch}") for batch in BATCHES}


def contenders(quick: bool = False) -> dict[str, Contender]:
    """Both nets with both sizes of a batch; all make as many updates."""
    found = {}
    for batch, size in BATCHES.items():
        for kind, name in KINDS.items():
            entries: dict[str, Any] = {
                "kind": name,
                "hidden": 32,
                "batch": size,
                "most": LOOKS,
                "patience": LOOKS,
                "passes": EVERY * STEPS * size / CHARACTERS,
            }
            if quick:
                entries |= {"hidden": 12, "most": 2, "batch": 32, "passes": 0.15}
            found[f"{kind}, {batch}"] = Contender(entries, (RATES,))
    return dict(list(found.items())[:2]) if quick else found


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The contest."""
    return contest.plan(contenders(quick), runs, score, quick=quick)


def seeds(setting: dict[str, Any]) -> range:
    """Those of a contest."""
    return contest.seeds_of(setting, SEEDS, TUNING_SEEDS)


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Bits per character of one net, at each look."""
    return learn(setting, seed, CHARACTERS, HELD_OUT, kind=setting["kind"])


def data() -> list[dict[str, Any]]:
    """Provenance of the text."""
    return [reference_text().provenance]


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """For each contender its rate, every seed's scores and curves, and how each rate did."""
    keys = ("test", "validation", "updates", "best")
    nets = contest.summary(contenders(), runs, score, keys)
    for name, net in nets.items():
        tuned = [r for r in runs if (r.setting["part"], r.setting["net"]) == ("tune", name)]
        net["tried"] = scores(tuned, lambda run: float(run.setting["rate"]), _show_early)
        net["updates_at_best"] = contest.updates_at_best(net)
        net["early"] = [mean(curve) for curve in net["validation"]]
    return {"nets": nets}


def _show_early(run: Run) -> float:
    """The mean of all looks, which is what the verdict goes by."""
    return mean(run.result["validation"])


def verdict(summary: dict[str, Any]) -> Verdict:
    """The mean of all looks, with and without; the score after the last update beside it."""
    nets = summary["nets"]
    early, final = gains(nets, QUESTIONS, "early"), gains(nets, QUESTIONS)
    rule = (
        f"the speed of learning is the mean validation score over the first {EVERY * LOOKS} "
        f"updates, looked at every {EVERY}. What layer normalisation saves is "
        "taken seed by seed, with small and with large batches, corrected as one family. Held if "
        "both intervals are above 0; held partly if one is; not held if neither is and both "
        f"exclude {MARGIN:g} bits; otherwise undecided. Each network's rate is tuned on the best "
        "validation score, under other seeds. Updates are counted, not seconds."
    )
    text = ""
    if early:
        text = (
            f"In the mean of the first {EVERY * LOOKS} updates, in bits per character, "
            f"{words(early, 'with {name} it {saves}', 3)}; in the test score after them, "
            f"{words(final, 'with {name} it {saves}', 3)}."
        )
    status = standing(early, 2, MARGIN)
    if status == "undecided":
        text = f"{text} {still(early, MARGIN)}"
    return Verdict(status, rule, text.strip())


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """Numbers that pages may use in their prose."""
    nets = summary["nets"]
    found = named(nets, 3)
    for batch, (plain, normalised) in QUESTIONS.items():
        if plain in nets and normalised in nets:
            first, second = nets[plain], nets[normalised]
            for look, update in enumerate(first["updates"][0]):
                gain = paired(_show_looks(first, look), _show_looks(second, look))
                key = f"at {update}, {batch}"
                found["behind " + key if gain.mean < 0 else "ahead " + key] = (
                    f"{abs(gain.mean):.3f}"
                )
                found[f"{key}, low"], found[f"{key}, high"] = f"{gain.low:.3f}", f"{gain.high:.3f}"
            one, other = first["tried"], second["tried"]
            for rate in one:
                if rate not in other or other[rate] >= one[rate]:
                    break
                found[f"ahead at rates up to, {batch}"] = f"{float(rate):g}"
    return found


def _show_looks(net: dict[str, Any], look: int) -> list[float]:
    """Every seed's score at one look."""
    return [curve[look] for curve in net["validation"]]


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Every net; what layer normalisation saves."""
    if not summary["nets"]:
        return {}
    nets = summary["nets"]
    lines = [
        [f"{label}, {name}", bracket(one, 3), answer(one, MARGIN)]
        for label, key in (("mean of all looks", "early"), ("test score at the end", "test"))
        for name, one in gains(nets, QUESTIONS, key).items()
    ]
    return {
        "table": rows(nets, "test, bits per character", ["rate"], 3),
        "gains": table(["bits saved", "mean and interval", ""], lines),
    }


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Every seed's validation curve, with small and with large batches."""
    from rnn_book.experiments.plots import CONTENDERS, canvas

    if not summary["nets"]:
        return {}
    nets = summary["nets"]
    figure, panels = canvas(2, height=3.6, sharey=True)
    for axes, batch in zip(panels, BATCHES, strict=True):
        styles = {f"{kind}, {batch}": s for kind, s in zip(KINDS, CONTENDERS, strict=False)}
        labels = {f"{kind}, {batch}": kind.replace("with ", "with\n") for kind in KINDS}
        curves(axes, nets, styles, "validation", labels)
        axes.set(xlabel="updates", title=batch)
    panels[0].set_ylabel("validation, bits per character")
    return {
        "": Picture(
            figure,
            "Bits per character on validation text with and without layer normalisation",
            "Two panels, small and large batches. Thin lines are single seeds, thick ones their "
            "median, over the number of updates.",
        )
    }
