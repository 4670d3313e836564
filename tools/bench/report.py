"""The benchmark page and its figure, from the stored results: nothing on them is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rnn_book.records import write_whole
from tools.diagrams.benchmarks import draw_benchmarks

__all__ = ["load", "met", "page", "store", "write"]

RESULTS = Path(__file__).with_name("results.json")
ROOT = Path(__file__).resolve().parents[2]


def load() -> dict[str, Any]:
    """The stored results."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


def store(results: dict[str, Any]) -> None:
    """Store results, whole or not at all."""
    write_whole(RESULTS, json.dumps(results, indent=1) + "\n")


def write() -> list[str]:
    """Write page and figure from the stored results; returns their paths in the repository."""
    results = load()
    texts = {
        "docs/about/benchmarks.md": page(results),
        "images/about/benchmarks.svg": draw_benchmarks(results).render(),
    }
    for path, text in texts.items():
        write_whole(ROOT / path, text)
    return list(texts)


HEAD = """# Benchmarks

How fast the package is, beside what it could be replaced by. Two contenders take turns in one run, on one thread. A ratio is
the median time of the first over that of the second, which the heading names: below 1 the first is faster. Half of all turns
lie between the quartiles. The target is the ratio that we set out not to exceed; some are missed. `make bench` measures
everything anew, and writes this page and its figure.

![Ratios of the NumPy half to torch.nn, one bar a layer and size, with a line at 1 and a mark at each target](../images/about/benchmarks.svg)

A size is (T, N, I, H): steps, batch, inputs, hidden units. Numbers are float32 unless a row says otherwise.
"""


def page(results: dict[str, Any]) -> str:
    """The page as Markdown."""
    where = results["provenance"]
    versions = ", ".join(f"{k} {v}" for k, v in where["versions"].items() if v)
    clock = {"wall": "wall-clock time", "cpu": "counted as processor time of the one thread"}[
        where["clock"]
    ]
    parts = [
        HEAD,
        f"Measured on {where['date']} in {where['seconds']} seconds, {clock}, on {where['processor']}, "
        f"with Python {where['python']}, {versions}, and for products {', '.join(where['blas'])}. "
        f"The load of the machine at the start was {where['load_at_start']}. "
        + (
            "There was no GPU."
            if where["gpu"] is None
            else f"The GPU, {where['gpu']}, was not used."
        ),
    ]
    for group in results["groups"].values():
        parts += [f"## {group['title']}", _table(group["rows"])]
    if "memory" in results:
        parts += ["## Memory and checkpoints", _memory(results["memory"])]
    if "growth" in results:
        parts += ["## Longer sequences", _growth(results["growth"])]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(rows: list[dict[str, Any]]) -> str:
    lines = ["| | size | ratio | quartiles | target | |", "|---|---|--:|--:|--:|---|"]
    for row in rows:
        size = row["size"].replace(" ", "\N{NO-BREAK SPACE}")
        if "skipped" in row:
            lines.append(f"| {row['name']} | {size} | | | | {row['skipped']} |")
            continue
        low, high = (row["ours"][end] / row["theirs"]["median"] for end in ("low", "high"))
        target = "" if row["target"] is None else f"{row['target']:.2f}"
        verdict = "" if row["target"] is None else ("met" if met(row) else "missed")
        lines.append(
            f"| {row['name']} | {size} | {row['ratio']:.2f} | {low:.2f} to {high:.2f} | "
            f"{target} | {verdict} |"
        )
    return "\n".join(lines)


def met(row: dict[str, Any]) -> bool:
    """Whether a row keeps its target."""
    return bool(row["ratio"] <= row["target"])


def _memory(found: dict[str, Any]) -> str:
    arrays, targets = found["arrays"], found["targets"]
    lines = [
        f"Forward and backward of an LSTM at {tuple(found['size'])}, in arrays of T·N·H numbers. The caller's own input and "
        "gradient are not counted.",
        "",
        "| | peak | target |",
        "|---|--:|--:|",
        *(f"| {name} | {arrays[name]:.1f} | {targets[name]} |" for name in arrays),
        "",
        f"With `checkpoint=True` the same takes {found['time_ratio']:.2f} times as long (target "
        f"{found['time_target']}), and gives the same gradients.",
    ]
    return "\n".join(lines)


def _growth(rows: list[dict[str, float]]) -> str:
    lines = [
        "Forward and backward of an LSTM with N = 4 and I = H = 32. Time and memory a step stay level, so the whole grows "
        "linearly with the number of steps.",
        "",
        "| steps | microseconds a step | bytes a step |",
        "|--:|--:|--:|",
        *(
            f"| {row['steps']:,} | {row['microseconds_a_step']:.1f} | {row['bytes_a_step']:,.0f} |"
            for row in rows
        ),
    ]
    return "\n".join(lines)
