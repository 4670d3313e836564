"""Tables, sentences and figures of the chapter on tomorrow's temperature."""

from __future__ import annotations

from typing import Any

from rnn_book.experiments.claims import Picture
from rnn_book.experiments.plots import CONTENDERS, canvas, dots, label_lines, line
from rnn_book.experiments.shown import mean, plus_minus, table
from rnn_book.projects.chapters.drawing import Made, level

__all__ = ["temperature"]


def temperature(stored: dict[str, Any]) -> Made:
    """From the stored comparison."""
    scores, kinds = stored["scores"], _by_kind(stored["training"]["runs"])
    names = {"model": f"{stored['kind']}, the one that was kept"}
    rows = [
        [
            names.get(name, name),
            f"{row['error']:.2f}",
            f"{100 * row['coverage']:.0f} %",
            f"{row['width']:.1f}",
        ]
        for name, row in scores.items()
    ]
    rows += [
        [
            f"{kind}, {len(runs)} seeds",
            plus_minus([r["error"] for r in runs]),
            f"{100 * mean([r['coverage'] for r in runs]):.0f} %",
            f"{mean([r['width'] for r in runs]):.1f}",
        ]
        for kind, runs in kinds.items()
    ]
    head = ["forecast", "error, °C", "truth inside the interval", "its width, °C"]
    texts = {"scores": table(head, rows), "verdict": _verdict_on_weather(stored, kinds)}
    return texts, {
        "week": _week(stored["week"]),
        "curves": _curves(kinds),
        "errors": _errors(stored),
        "seeds": _seeds(scores, kinds),
    }


def _by_kind(runs: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {kind: [r for r in runs if r["kind"] == kind] for kind in {r["kind"]: 0 for r in runs}}


def _verdict_on_weather(stored: dict[str, Any], kinds: dict[str, Any]) -> str:
    """Whether the network was worth it, from the errors in the test blocks."""
    ridge, one, model = (
        stored["scores"][name]["error"] for name in ("ridge", "a share of the anomaly", "model")
    )
    name = "ridge regression" if ridge < one else "the calendar with its one number"
    key = "ridge" if ridge < one else "a share of the anomaly"
    rival, blocks = min(ridge, one), stored["by_block"]
    pairs = [
        (a, b)
        for a, b in zip(blocks[key], blocks["model"], strict=True)
        if a is not None and b is not None
    ]
    ahead = sum(b < a for a, b in pairs)
    word = "better" if model < rival else "worse"
    every = [r["error"] for kind, runs in kinds.items() if kind.startswith("LSTM") for r in runs]
    better = sum(error < rival for error in every)
    return (
        f"On this year the LSTM that we kept is off by {model:.2f} °C on average, ridge regression "
        f"by {ridge:.2f} °C, and the calendar with a share of today's anomaly by {one:.2f} °C. "
        f"Against the better of the two, {name}, the network is {word} by "
        f"{abs(model - rival):.2f} °C. It is ahead in {ahead} of the {len(pairs)} test blocks, and "
        f"{better} of all {len(every)} LSTMs that we trained beat that rival on the test windows."
    )


def _week(week: dict[str, Any]) -> Picture:
    figure, axes = canvas(height=3.4)
    x = range(len(week["hours"]))
    band, line = CONTENDERS[0], CONTENDERS[7]
    axes.fill_between(x, week["low"], week["high"], color=band.light, alpha=0.2, linewidth=0)
    axes.plot(x, week["median"], color=band.light, linewidth=1.6, label="forecast")
    axes.plot(x, week["truth"], color=line.light, linewidth=1.6, dashes=line.dash, label="truth")
    days = [k for k, hour in enumerate(week["hours"]) if hour.endswith("T00")]
    axes.set_xticks(days, [week["hours"][k][5:10] for k in days])
    axes.set(ylabel="temperature, °C", xlim=(0, len(week["hours"])))
    label_lines(axes, room=0.16)
    return Picture(
        figure,
        "Seven days of forecasts, each made 24 hours before",
        "Temperature over seven days: the truth as a dashed line, the forecast as a line within a "
        "band that should hold the truth in 80 of 100 hours.",
    )


def _curves(kinds: dict[str, list[dict[str, Any]]]) -> Picture:
    figure, panels = canvas(len(kinds), width=8.4, height=3.2, sharey=True)
    for axes, (kind, runs) in zip(panels, kinds.items(), strict=True):
        for part, style in zip(("train", "validation"), CONTENDERS, strict=False):
            for number, run in enumerate(runs):
                label = part if not number else f"_{number}"
                line(axes, run["epochs"], run[part], style=style, label=label, linewidth=1.4)
        axes.set(title=kind.replace(", ", ",\n"), xlabel="epochs")
        label_lines(axes, room=0.55)
    panels[0].set_ylabel("error, °C")
    return Picture(
        figure,
        "Learning curves of the forecasts",
        "A panel for each kind of network, error over epochs, a line for every seed: training "
        "windows solid, validation windows dashed.",
    )


def _errors(stored: dict[str, Any]) -> Picture:
    shown = {
        "persistence": 2,
        "climatology": 3,
        "a share of the anomaly": 4,
        "ridge": 1,
        "model": 0,
    }
    figure, (left, right) = canvas(2, width=8.4, height=3.4, sharey=True)
    for name, place in shown.items():
        style = CONTENDERS[place]
        label = stored["kind"].split(",")[0] if name == "model" else name
        label = label.replace(" of the", "\nof the")
        line(left, range(24), stored["by_hour"][name], style=style, label=label, linewidth=1.4)
        right.plot(
            range(len(stored["by_block"]["begins"])),
            stored["by_block"][name],
            linestyle="none",
            marker=style.marker,
            color=style.light,
        )
    left.set(xlabel="hour of the day, UTC", ylabel="mean error, °C", xticks=range(0, 24, 6))
    begins = [begin[5:] for begin in stored["by_block"]["begins"]]
    right.set_xticks(range(len(begins)), begins)
    right.set(xlabel="first day of a test block", xlim=(-0.5, len(begins) - 0.5))
    label_lines(left, room=0.5)
    return Picture(
        figure,
        "Error of the forecasts by hour and by block",
        "Left, mean error over the hour of the day that is forecast, a line for each method. "
        "Right, mean error in each of the test blocks of 14 days, a mark for each method.",
    )


def _seeds(scores: dict[str, Any], kinds: dict[str, list[dict[str, Any]]]) -> Picture:
    figure, axes = canvas(height=3.4)
    for place, runs in enumerate(kinds.values()):
        dots(axes, place, [run["error"] for run in runs], CONTENDERS[place])
    axes.set_xticks(range(len(kinds)), [kind.replace(", ", ",\n") for kind in kinds])
    axes.set(ylabel="test error, °C", xlim=(-0.6, len(kinds) + 0.9))
    axes.grid(visible=False, axis="x")
    for name in ("persistence", "climatology", "a share of the anomaly", "ridge"):
        level(axes, name, scores[name]["error"])
    return Picture(
        figure,
        "Test error of every network, beside what needs none",
        "Every seed's error as a mark and the mean as a stroke for three kinds of network; "
        "horizontal lines for persistence, climatology and ridge regression.",
    )
