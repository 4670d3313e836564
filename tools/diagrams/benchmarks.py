"""The benchmark figure, from the stored results."""

from __future__ import annotations

from typing import Any

from tools.bench.results import load
from tools.diagrams.svg import Figure

SHOWN = ("LSTM", "GRU")


def benchmarks() -> Figure:
    """The figure of the committed results."""
    return draw_benchmarks(load())


def draw_benchmarks(results: dict[str, Any]) -> Figure:
    """Bars of the NumPy half's ratios to torch.nn, with a mark for the matrix products alone."""
    rows = {(row["name"], row["size"]): row["ratio"] for row in results["groups"]["numpy"]["rows"]}
    sizes = list(dict.fromkeys(size for _, size in rows))
    whole = {
        (kind, size): rows[f"{kind} forward + backward", size] for kind in SHOWN for size in sizes
    }
    alone = {
        (kind, size): rows[f"{kind}, matrix products alone", size]
        for kind in SHOWN
        for size in sizes
    }
    left, line, right = 205.0, 29.0, 580.0
    height = 66 + len(SHOWN) * (len(sizes) * line + 44) + 44
    most = max(*whole.values(), *alone.values(), 1)
    drawn = Figure(
        "about/benchmarks",
        640,
        height,
        "Time of a training step of the NumPy half relative to torch.nn",
        "For each layer and size a bar as long as the ratio of the median times. A line marks 1, a "
        "short stroke in a bar the time that its matrix products alone would take. "
        + " ".join(
            f"{kind} {size}: {whole[kind, size]:.2f}, products alone {alone[kind, size]:.2f}."
            for kind, size in whole
        ),
    )

    def at(ratio: float) -> float:
        return left + (right - left) * ratio / (1.02 * most)

    drawn.words(at(1), 22, "torch.nn = 1", size=20, fill="soft")
    y = 48.0
    for kind in SHOWN:
        drawn.words(20, y, f"{kind}, forward + backward", size=21, anchor="start", bold=True)
        y += 28
        top = y - 13
        for size in sizes:
            ratio = whole[kind, size]
            drawn.words(left - 10, y, size, size=20, anchor="end", fill="soft")
            drawn.rect(left, y - 9, at(ratio) - left, 17, fill="c", radius=2)
            drawn.words(at(max(ratio, 1)) + 8, y, f"{ratio:.2f}", size=20, anchor="start")
            x = at(alone[kind, size])
            drawn.path(["M", x, y - 11, "L", x, y + 11], stroke="ink", width=3, layer="label")
            y += line
        drawn.path(["M", at(1), top, "L", at(1), y - 13], stroke="soft", width=1.5, dash=(4, 4))
        y += 16
    y += 6
    drawn.path(["M", 28, y - 11, "L", 28, y + 11], stroke="ink", width=3, layer="label")
    drawn.words(42, y, "matrix products alone", size=20, anchor="start", fill="soft")
    return drawn
