"""What is shown of `weather`: its rule, tables and figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnn_book.experiments.claims import Picture, Run, Status, Verdict
from rnn_book.experiments.intervals import Interval, decide, interval
from rnn_book.experiments.shown import bracket, mean, table
from rnn_book.experiments.tuning import scores

# Fixed before the full run, in November 2026.
MARGIN = 0.05
"""°C: a smaller difference in the mean absolute error is worth nothing to anybody."""
NETS = ("dense", "LSTM")
ONE_RATE = 1e-3
"""What an LSTM would have had if no rate had been tuned; it was tried in every month."""
NAMES = ("J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D")


def at_one_rate(runs: Sequence[Run]) -> dict[str, float]:
    """Month -> test error of the LSTMs that were tried with `ONE_RATE`, in the tuning."""
    tried = [
        run
        for run in runs
        if run.setting["part"] == "tune"
        and (run.setting["kind"], run.setting["rate"]) == ("LSTM", ONE_RATE)
    ]
    return scores(tried, lambda run: str(run.setting["month"]), lambda run: run.result["test"])


def by_month(summary: Mapping[str, Any], name: str) -> dict[str, float]:
    """Month -> test error of a contender, the mean over seeds where it has some."""
    if name == "LSTM, one rate":
        return dict(summary["one_rate"])
    if name in NETS:
        found = {month: summary["nets"].get(f"{name}, {month}") for month in summary["months"]}
        return {month: mean(net["test"]) for month, net in found.items() if net}
    return {month: rivals[name]["test"] for month, rivals in summary["months"].items()}


def difference(summary: Mapping[str, Any], first: str, second: str) -> Interval | None:
    """First less second, month by month, with an interval over months; None with fewer than two."""
    one, other = by_month(summary, first), by_month(summary, second)
    both = [month for month in one if month in other]
    if len(both) < 2:
        return None
    return interval([one[month] - other[month] for month in both])


def verdict(summary: dict[str, Any]) -> Verdict:
    """By how much ridge is worse than the LSTM, over months."""
    gain = difference(summary, "ridge", "LSTM")
    rule = (
        "each month of 2013 is the test once, and no window of it shares an hour with training or "
        "validation. The difference between the errors of ridge regression and of an LSTM (mean "
        "over seeds) is taken month by month, and the interval is over months. Held "
        f"if it is above 0; not held if it excludes a gain of {MARGIN:g} °C; otherwise undecided. "
        "Learning rates, moment to stop and ridge's penalty are chosen on validation windows, in "
        "every month anew. One airport and one year: what is decided is decided for them."
    )
    status: Status = "undecided"
    text = ""
    if gain is not None:
        if decide(gain) == "above":
            status = "held"
        elif decide(gain, MARGIN) == "below":
            status = "not held"
        months = len(by_month(summary, "LSTM"))
        text = (
            f"Over {months} months ridge regression's error less the LSTM's is {bracket(gain)} °C."
        )
        dense = difference(summary, "ridge", "dense")
        if dense is not None:
            text += f" Less that of a network without recurrence it is {bracket(dense)} °C."
    return Verdict(status, rule, text)


def numbers(summary: dict[str, Any]) -> dict[str, str]:
    """Numbers that pages may use in their prose."""
    found: dict[str, str] = {}
    if not summary["months"]:
        return found
    for name in ("persistence", "ridge", "ridge, scaled by all", "nearest", *NETS):
        values = by_month(summary, name)
        if values:
            found[name] = f"{mean(values.values()):.2f}"
    pairs = [("persistence", net) for net in NETS]
    pairs += [("ridge", "LSTM"), ("ridge", "LSTM, one rate")]
    for first, second in pairs:
        gain = difference(summary, first, second)
        if gain:
            found[f"{first} less {second}"] = bracket(gain)
            found[f"{first} less {second}, at most"] = f"{gain.high:.2f}"
    for name in ("ridge", "nearest"):
        if summary["shuffled"]:
            errors = [one[name]["test"] for one in summary["shuffled"]]
            found[f"{name}, shuffled"] = f"{mean(errors):.2f}"
    explained = [rivals["persistence"]["explained"] for rivals in summary["months"].values()]
    found["margin"] = f"{MARGIN:g}"
    found["explained"] = f"{100 * mean(explained):.0f}"
    lags = [rivals["persistence"]["lag"] for rivals in summary["months"].values()]
    found["lag"] = f"{mean(lags):.0f}"
    return found


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Errors over all months against ridge; the mistakes."""
    if not summary["months"]:
        return {}
    shown = []
    for name in ("persistence", "nearest", "ridge", *NETS):
        values = by_month(summary, name)
        if not values:
            continue
        gain = difference(summary, "ridge", name) if name != "ridge" else None
        shown.append(
            [
                name,
                len(values),
                f"{mean(values.values()):.2f}",
                bracket(gain) if gain else "",
                _lag(summary, name),
            ]
        )
    mistakes = []
    for name in ("ridge", "nearest"):
        honest = mean(by_month(summary, name).values())
        row = [name, f"{honest:.2f}"]
        dealt = [one[name]["test"] for one in summary["shuffled"]]
        row.append(f"{mean(dealt):.2f}" if dealt else "")
        scaled = by_month(summary, "ridge, scaled by all") if name == "ridge" else {}
        row.append(f"{mean(scaled.values()):.2f}" if scaled else "")
        mistakes.append(row)
    head = ["mean absolute error, °C", "months", "mean", "saved against ridge", "late by, hours"]
    return {
        "table": table(head, shown),
        "mistakes": table(
            ["error, °C", "as it should be", "windows dealt at random", "scaled by the whole year"],
            mistakes,
        ),
    }


def _lag(summary: Mapping[str, Any], name: str) -> str:
    if name == "persistence":
        return f"{mean(rivals[name]['lag'] for rivals in summary['months'].values()):.0f}"
    lags = [
        lag
        for month in summary["months"]
        for lag in summary["nets"].get(f"{name}, {month}", {"lag": []})["lag"]
    ]
    return f"{mean(lags):.0f}" if lags else ""


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Month by month the error of persistence and ridge, and every seed's of the networks."""
    from rnn_book.experiments.plots import CONTENDERS, canvas

    if not summary["months"]:
        return {}
    figure, axes = canvas(height=3.6)
    months = sorted(map(int, summary["months"]))
    for style, name in zip(CONTENDERS[5:7], ("persistence", "ridge"), strict=True):
        values = by_month(summary, name)
        for month in months:
            label = name if month == months[0] else "_"
            level = [values[str(month)]] * 2
            axes.plot([month - 0.4, month + 0.4], level, color=style.light, label=label)
    drawn = zip(CONTENDERS, ("LSTM", "dense"), strict=False)
    for column, (style, name) in enumerate(drawn):
        first = True
        for month in months:
            net = summary["nets"].get(f"{name}, {month}")
            if net:
                at = month + (column - 0.5) * 0.3
                axes.plot(
                    [at] * len(net["test"]),
                    net["test"],
                    linestyle="none",
                    marker=style.marker,
                    markersize=4,
                    alpha=0.65,
                    markeredgewidth=0,
                    color=style.light,
                    label=name if first else "_",
                )
                first = False
    axes.set_xticks(months, [NAMES[month - 1] for month in months])
    axes.set(xlabel="month that was the test", ylabel="mean absolute error, °C")
    legend = axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, frameon=False)
    for text, line in zip(legend.get_texts(), legend.get_lines(), strict=True):
        text.set_color(line.get_color())
    return {
        "": Picture(
            figure,
            "Error of the forecasts in each month of the year, when that month is the test",
            "For each month a stroke for persistence and for ridge regression, and a mark for "
            "every seed of each network.",
        )
    }
