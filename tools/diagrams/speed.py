"""Where the time of the NumPy half goes: two plots of the stored measurements."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tools.diagrams.svg import Figure

RESULTS = Path(__file__).resolve().parents[1] / "bench" / "why.json"
PARTS = {
    "products": ("matrix products", "accent"),
    "arithmetic": ("element-wise", "muted"),
    "calls": ("calls", "edge"),
    "rest": ("the rest", "panel"),
}


def _load() -> dict[str, Any]:
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


def parts(row: dict[str, Any]) -> dict[str, float]:
    """The parts of one forward and backward, each relative to torch's time for the whole."""
    calls = row["calls"]
    found = {
        "products": row["products"],
        "arithmetic": max(row["step"] - calls, 0.0),
        "calls": calls,
    }
    found["rest"] = max(row["ours"] - sum(found.values()), 0.0)
    return {name: seconds / row["torch"] for name, seconds in found.items()}


def where_the_time_goes(results: dict[str, Any] | None = None) -> Figure:
    """One bar for each size, of four parts, beside torch's time."""
    rows = (results or _load())["shares"]
    left, right, step, top = 20.0, 570.0, 84.0, 58.0
    most = max(row["ours"] / row["torch"] for row in rows)
    described = " ".join(
        f"{_name(row)}: {row['ours'] / row['torch']:.2f}, of which "
        + ", ".join(f"{PARTS[name][0]} {share:.2f}" for name, share in parts(row).items())
        + "."
        for row in rows
    )
    drawn = Figure(
        "practice/where-the-time-goes",
        640,
        top + step * len(rows) + 74,
        "Where the time of an LSTM in NumPy goes",
        "Forward and backward of the NumPy half, one bar for each size, relative to torch.nn.LSTM, "
        f"which is 1 and a dashed line. {described}",
    )

    def at(ratio: float) -> float:
        return left + (right - left) * ratio / (1.04 * most)

    drawn.words(at(1), 24, "torch.nn.LSTM = 1", size=20, fill="soft")
    y = top
    for row in rows:
        drawn.words(left, y, _name(row), size=20, anchor="start", fill="soft")
        x, until = left, 0.0
        for name, share in parts(row).items():
            until += share
            drawn.rect(x, y + 16, at(until) - x, 26, fill=PARTS[name][1], stroke="muted", line=1)
            x = at(until)
        drawn.words(x + 8, y + 29, f"{row['ours'] / row['torch']:.2f}", size=20, anchor="start")
        drawn.path(
            ["M", at(1), y + 12, "L", at(1), y + 46],
            stroke="ink",
            width=2,
            dash=(5, 4),
            layer="label",
        )
        y += step
    x = left
    for words, fill in PARTS.values():
        drawn.rect(x, y - 2, 20, 20, fill=fill, stroke="muted", line=1)
        drawn.words(x + 28, y + 8, words, size=20, anchor="start")
        x += 62 + 9.6 * len(words)
    return drawn


def _name(row: dict[str, Any]) -> str:
    steps, batch, features, hidden = row["size"]
    sequences = "one sequence" if batch == 1 else f"{batch} sequences"
    return f"{sequences}, {steps} steps, {features} inputs, {hidden} units"


def one_call(results: dict[str, Any] | None = None) -> Figure:
    """Time of one call against the numbers that it handles, on two logarithmic axes."""
    rows = (results or _load())["calls"]
    counts = [row["numbers"] for row in rows]
    times = [1e6 * row[kind] for row in rows for kind in ("together", "apart")]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    left, right, top, bottom = 92.0, 478.0, 46.0, 330.0
    described = " ".join(
        f"{row['numbers']}: {1e6 * row['together']:.2g} and {1e6 * row['apart']:.2g}."
        for row in rows
    )
    drawn = Figure(
        "practice/one-call",
        640,
        420,
        "What one call of NumPy costs",
        "Microseconds of one multiplication of two arrays, on logarithmic axes, where the rows lie "
        f"together and where they lie apart; how many numbers, and both times. {described}",
    )

    def across(count: float) -> float:
        return left + (right - left) * math.log10(count) / math.log10(counts[-1])

    def up(microseconds: float) -> float:
        return bottom - (bottom - top) * (math.log10(microseconds) - low) / (high - low)

    drawn.path(["M", left, top, "L", left, bottom, "L", right, bottom], stroke="soft", width=1.5)
    for power in range(low, high + 1):
        y = up(10**power)
        drawn.path(["M", left - 6, y, "L", left, y], stroke="soft", width=1.5)
        drawn.words(left - 12, y, f"{10**power:g}", size=20, anchor="end", fill="soft")
    for count in counts:
        x = across(count)
        drawn.path(["M", x, bottom, "L", x, bottom + 6], stroke="soft", width=1.5)
        drawn.words(x, bottom + 24, f"{count}", size=20, fill="soft")
    drawn.words(left - 72, 20, "µs for one call", size=20, anchor="start", fill="soft")
    drawn.words((left + right) / 2, bottom + 60, "numbers in the array", size=20, fill="soft")
    for kind, ink, shift in (("apart", "muted", -16.0), ("together", "accent", 16.0)):
        points = [(across(row["numbers"]), up(1e6 * row[kind])) for row in rows]
        path: list[str | float] = []
        for letter, (x, y) in zip("M" + "L" * len(points), points, strict=False):
            path += [letter, x, y]
        drawn.path(path, stroke=ink, width=3)
        for x, y in points:
            drawn.circle(x, y, 5, fill=ink)
        x, y = points[-1]
        drawn.words(x + 14, y + shift, f"rows {kind}", size=20, anchor="start", fill=ink)
    return drawn
