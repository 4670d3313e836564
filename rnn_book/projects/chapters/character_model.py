"""Tables, sentences, samples and figures of the chapter on the model that writes."""

from __future__ import annotations

from typing import Any

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS, canvas, line
from rnn_book.experiments.shown import signed, table
from rnn_book.projects.chapters.drawing import Made, level

__all__ = ["character_model"]


def character_model(stored: dict[str, Any]) -> Made:
    """From the stored run, its evaluation and the search of its units."""
    score, run = stored["evaluation"], stored["run"]
    rows = [["this model", _interval(score["model"])]]
    rows += [
        [f"{g['order']}-grams, interpolated", f"{g['test']:.3f}"]
        for g in score["ngrams"]
        if g["order"] in (1, 3, 5, 8, score["best_ngram"]["order"])
    ]
    rows += [[name, f"{bits:.3f}"] for name, bits in score["compressors"].items()]
    gain = score["gain_over_ngram"]
    word = "beats" if gain["bits"] > 0 else "loses to"
    if abs(gain["bits"]) <= gain["half_width"]:
        word = "cannot be told apart from"
    characters = run["characters"] / 1e6
    passes = run["characters"] / run["text"]["train_characters"]
    words = (
        f"After {characters:.1f} million characters, {passes:.1f} passes over the training text "
        f"and {run['seconds'] / 60:.0f} minutes of one core, the LSTM needs "
        f"{score['model']['bits']:.2f} bits per character on modules that it has never seen. It "
        f"{word} the best of the counted n-grams, which need {score['best_ngram']['bits']:.2f}: "
        f"the difference is {_interval(gain)} bits, where the brackets hold the 95 % interval over "
        "blocks of 10,000 characters."
    )
    if gain["bits"] < 0 and passes < 2:
        words += (
            " So far, that is: the network has not even read the text twice, and counting is the "
            "faster learner at first. The same command goes on with the run."
        )
    texts = {"scores": table(["", "bits per character"], rows), "words": words}
    if "rival" in stored:
        texts["rival"] = _beside(run, stored["rival"])
    for number, sample in enumerate(run["samples"]):
        shown = "\n".join(line.rstrip() for line in sample["text"].splitlines())
        millions = sample["characters"] / 1e6
        name = f"After {sample['update']:,} updates, {millions:.2f} million characters"
        texts[f"sample-{number}"] = f'````text title="{name}"\n{shown}\n````'
    sample = stored["written"]
    shown = "\n".join(line.rstrip() for line in (sample["prompt"] + sample["text"]).splitlines())
    name = f"After {run['updates']:,} updates, temperature {sample['temperature']}"
    texts["written"] = f'````text title="{name}"\n{shown}\n````'
    texts["sample-last"] = texts[f"sample-{len(run['samples']) - 1}"]
    texts["units"] = table(
        ["feature", "unit", "on the file it was chosen on", "on another", "untrained, on another"],
        [
            [
                feature,
                f"`{best['unit']}`",
                f"{best['chosen']:.2f}",
                f"{best['scored']:.2f}",
                f"{stored['search']['untrained'][feature]['scored']:.2f}",
            ]
            for feature, best in stored["search"]["trained"].items()
        ],
    )
    return texts, {"curve": _learning(stored), "unit": _unit(stored["unit"])}


def _beside(run: dict[str, Any], rival: dict[str, Any]) -> str:
    """The two kinds, each at the last number of characters at which both were looked at."""
    own = {look["characters"]: look["validation"] for look in run["looks"]}
    shared = [look for look in rival["looks"] if look["characters"] in own][-1]
    at, theirs = shared["characters"], shared["validation"]
    kinds = [record["settings"]["kind"] for record in (run, rival)]
    mine, others = (f"{count / 1e6:.2f} million" for count in rival["parameters"])
    return (
        f"We also trained a {kinds[1]} of the same size, {others} parameters in place of {mine}, "
        f"on the same text in the same order. After {at / 1e6:.1f} million characters it needs "
        f"{theirs:.2f} bits per character of validation text, and the {kinds[0]} {own[at]:.2f}. "
        "This is one run of each, so a difference of a few hundredths tells nothing."
    )


def _interval(row: dict[str, float]) -> str:
    low, high = (row["bits"] + sign * row["half_width"] for sign in (-1, 1))
    if row["bits"] < 0 or low < 0:
        return f"{signed(row['bits'])} [{signed(low)}, {signed(high)}]"
    return f"{row['bits']:.2f} [{low:.2f}, {high:.2f}]"


def _learning(stored: dict[str, Any]) -> Picture:
    score, looks = stored["evaluation"], stored["run"]["looks"]
    figure, axes = canvas(height=3.6)
    kind = stored["run"]["settings"]["kind"]
    x = [look["characters"] / 1e6 for look in looks]
    for part, style in zip(("train", "validation"), CONTENDERS, strict=False):
        line(
            axes,
            x,
            [look[part] for look in looks],
            style=style,
            label=f"{kind}, {part}",
            linewidth=1.4,
        )
    if "rival" in stored:
        rival = stored["rival"]
        x = [look["characters"] / 1e6 for look in rival["looks"]]
        name = f"{rival['settings']['kind']}, validation"
        line(
            axes,
            x,
            [look["validation"] for look in rival["looks"]],
            style=CONTENDERS[2],
            label=name,
            linewidth=1.4,
        )
    best = score["best_ngram"]["order"]
    levels = {
        f"{g['order']}-grams": g["validation"] for g in score["ngrams"] if g["order"] in (3, best)
    }
    for name, bits in levels.items():
        level(axes, name, bits)
    axes.set(xlabel="millions of characters read", ylabel="bits per character", ylim=(None, 4))
    axes.legend(loc="upper right", frameon=False)
    return Picture(
        figure,
        "How the character model learns",
        "Bits per character over the characters read, on training text with dropout and on "
        "validation text; horizontal lines for counted n-grams.",
    )


def _unit(unit: dict[str, Any]) -> Picture:
    """What one unit does along a stretch of code, a character to a tick."""
    figure, axes = canvas(width=8.4, height=2.6)
    x = range(len(unit["text"]))
    axes.fill_between(
        x,
        0,
        1,
        where=unit["label"],
        step="mid",
        transform=axes.get_xaxis_transform(),
        color=CONTENDERS[1].light,
        alpha=0.18,
        linewidth=0,
    )
    axes.plot(x, unit["values"], color=CONTENDERS[0].light, drawstyle="steps-mid", linewidth=1.6)
    axes.set_xticks(x, ["·" if c == " " else "¶" if c == "\n" else c for c in unit["text"]])
    axes.tick_params(axis="x", labelsize=9, labelfontfamily="DejaVu Sans Mono", length=0)
    axes.grid(visible=False)
    axes.set(ylabel=unit["name"], xlim=(-0.5, len(unit["text"]) - 0.5))
    return Picture(
        figure,
        f"One unit of the model along a line of code, where {unit['feature']} is shaded",
        f"The value of the unit {unit['name']} at each character; characters {unit['feature']} "
        "have a shaded background.",
    )
