"""The benchmark figure, from the stored results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.diagrams.svg import Figure

RESULTS = Path(__file__).resolve().parents[1] / "bench" / "results.json"


def benchmarks() -> Figure:
    """The figure of the committed results."""
    return draw_benchmarks(json.loads(RESULTS.read_text(encoding="utf-8")))


def draw_benchmarks(results: dict[str, Any]) -> Figure:
    """Bars of the NumPy half's ratios to torch.nn, with the targets."""
    rows = results["groups"]["numpy"]["rows"]
    names = list(dict.fromkeys(row["name"] for row in rows))
    sizes = list(dict.fromkeys(row["size"] for row in rows))
    left, line, gap, right = 205.0, 27.0, 44.0, 600.0
    height = 70 + len(names) * (len(sizes) * line + gap)
    most = max(max(row["ratio"], row["target"] or 0) for row in rows)
    drawn = Figure(
        "about/benchmarks",
        640,
        height,
        "Time of the NumPy half relative to torch.nn",
        "For each layer and size a bar as long as the ratio of the median times. A line marks 1, a "
        "short stroke the target. "
        + " ".join(f"{row['name']} {row['size']}: {row['ratio']:.2f}." for row in rows),
    )

    def at(ratio: float) -> float:
        return left + (right - left) * ratio / (1.05 * most)

    drawn.words(at(1), 22, "torch.nn = 1", size=20, fill="soft")
    y = 48.0
    for name in names:
        drawn.words(20, y, name, size=21, anchor="start", bold=True)
        y += 26
        top = y - 12
        for row in (row for row in rows if row["name"] == name):
            drawn.words(left - 10, y, row["size"], size=20, anchor="end", fill="soft")
            drawn.rect(left, y - 8, at(row["ratio"]) - left, 15, fill="c", radius=2)
            drawn.words(
                at(max(row["ratio"], row["target"] or 0, 1)) + 8,
                y,
                f"{row['ratio']:.2f}",
                size=20,
                anchor="start",
            )
            if row["target"] is not None:
                x = at(row["target"])
                drawn.path(["M", x, y - 10, "L", x, y + 10], stroke="ink", width=3, layer="label")
            y += line
        drawn.path(["M", at(1), top, "L", at(1), y - 12], stroke="soft", width=1.5, dash=(4, 4))
        y += gap - 26
    return drawn
