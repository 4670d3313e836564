"""What claims that are contests on one score have in common when they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnn_book.experiments.claims import Status
from rnn_book.experiments.contest import paired_scores
from rnn_book.experiments.intervals import Interval, decide, family, would_take
from rnn_book.experiments.shown import mean, median, plus_minus, signed, table

__all__ = [
    "answer",
    "curves",
    "gains",
    "named",
    "rows",
    "scores_figure",
    "standing",
    "still",
    "words",
]

Nets = Mapping[str, dict[str, Any]]


def gains(
    nets: Nets, questions: Mapping[str, tuple[str, str]], score: str = "test"
) -> dict[str, Interval]:
    """By how much the second of a pair needs fewer bits (or degrees) than the first; one family.

    Parameters
    ----------
    nets
        Contenders of a summary.
    questions
        Label -> names of two contenders. Pairs with fewer than two common seeds are left out.
    score
        Where less is better.
    """
    asked = {}
    for label, (before, after) in questions.items():
        if before in nets and after in nets:
            first, second = paired_scores(nets[before], nets[after], score)
            if len(first) > 1:
                asked[label] = [a - b for a, b in zip(first, second, strict=True)]
    return family(asked) if asked else {}


def answer(found: Interval, margin: float) -> str:
    """What a gain's interval says: better, worse, no better by the margin, or undecided."""
    side = decide(found)
    if side != "undecided":
        return "better" if side == "above" else "worse"
    if found.high < margin:
        return "no better by what would matter"
    return "undecided"


def standing(found: Mapping[str, Interval], questions: int, margin: float) -> Status:
    """The status of a claim that something is better in each of some questions.

    Held if it is better in all; held partly if in some; not held if it is better in none and a gain
    of the margin is excluded in all; undecided otherwise.
    """
    sides = [decide(one) for one in found.values()]
    if "above" in sides:
        return "held" if sides == ["above"] * questions else "held partly"
    excluded = [decide(one, margin) == "below" for one in found.values()]
    return "not held" if len(found) == questions and all(excluded) else "undecided"


def still(found: Mapping[str, Interval], margin: float) -> str:
    """What it would take to decide a claim that `standing` leaves undecided, a sentence."""
    open_ = [one for one in found.values() if decide(one) != "above" and one.high >= margin]
    return would_take(open_, 0.0, margin) if open_ else ""


def words(found: Mapping[str, Interval], saying: str, digits: int) -> str:
    """All gains in a row, as `saying` has it; {saves} becomes "saves 0.12 [0.03, 0.21]"."""
    return ", ".join(
        saying.format(name=name, saves=_saves(one, digits)) for name, one in found.items()
    )


def _saves(found: Interval, digits: int) -> str:
    """What is saved, or, where that is negative, what it costs, with its interval."""
    verb, sign = ("saves", 1) if found.mean >= 0 else ("costs", -1)
    low, high = sorted((sign * found.low, sign * found.high))
    mean = sign * found.mean
    return f"{verb} {mean:.{digits}f} [{signed(low, digits)}, {signed(high, digits)}]"


def rows(nets: Nets, head: str, knobs: Sequence[str], digits: int, score: str = "test") -> str:
    """The table of all contenders: what was chosen, scores, and when the best look was."""
    lines = []
    for name, net in nets.items():
        chosen = [f"{net['chosen'][knob]:g}" if knob in net["chosen"] else "" for knob in knobs]
        lines.append(
            [
                name + ("" if net["inside"] else " †"),
                *chosen,
                len(net["seeds"]),
                plus_minus(net[score], digits),
                f"{median(net[score]):.{digits}f}",
                f"{median(net['updates_at_best']):.0f}",
            ]
        )
    shown = table([head, *knobs, "seeds", "mean", "median", "updates"], lines)
    if not all(net["inside"] for net in nets.values()):
        shown += "\n\n† a chosen value lies at the edge of what was tried."
    return shown


def curves(
    axes: Any,
    nets: Nets,
    styles: Mapping[str, Any],
    key: str,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Every seed's curve over updates, and each contender's median, with its name at the end."""
    from rnn_book.experiments.plots import label_lines, seed_lines

    for name, style in styles.items():
        if name in nets:
            net = nets[name]
            longest = max(net["updates"], key=len)
            seed_lines(axes, longest, net[key], style, (labels or {}).get(name, name))
    if axes.get_lines():
        label_lines(axes, room=0.45)


def scores_figure(
    axes: Any,
    nets: Nets,
    styles: Mapping[str, Any],
    levels: Mapping[str, float],
    labels: Mapping[str, str],
    score: str = "test",
) -> None:
    """Every seed's score for each contender, and a labelled level for each rival without a seed."""
    from rnn_book.experiments.plots import CONTENDERS, dots

    present = [name for name in styles if name in nets]
    for place, name in enumerate(present):
        dots(axes, place, nets[name][score], styles[name])
    axes.set_xticks(range(len(present)), [labels.get(name, name) for name in present])
    axes.set_xlim(-0.6, len(present) - 0.4)
    axes.grid(visible=False, axis="x")
    for style, (name, level) in zip(CONTENDERS[:-3:-1], levels.items(), strict=False):
        axes.axhline(level, color=style.light, linewidth=1.2, dashes=style.dash or (4, 2))
        axes.annotate(
            name,
            (1, level),
            (-2, 3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            color=style.light,
        )


def named(nets: Nets, digits: int, score: str = "test") -> dict[str, str]:
    """Mean, median, learning rate and updates of every contender, for the prose of pages."""
    found = {}
    for name, net in nets.items():
        found[f"rate, {name}"] = f"{net['chosen']['rate']:g}"
        if "updates_at_best" in net:
            found[f"updates, {name}"] = f"{median(net['updates_at_best']):.0f}"
        found[name] = f"{mean(net[score]):.{digits}f}"
        found[f"{name}, median"] = f"{median(net[score]):.{digits}f}"
    return found
