"""The benchmark page and its figure, from the stored results: no number on them is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnn_book.records import write_whole
from tools.bench.results import load
from tools.bench.rows import ALONE, BOTH
from tools.diagrams.benchmarks import draw_benchmarks

__all__ = ["page", "tables", "write"]

ROOT = Path(__file__).resolve().parents[2]


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

How much speed do you give up for a layer whose every line you can read? We let the layers of this package and what you could use
instead take turns in one process, on one thread, and count the processor time of each turn. A ratio is the median time of the first over
the median time of the second, so 1 means equally fast and 2 means that the first takes twice as long.

{summary} [Why it is fast](../practice/why-it-is-fast.md) explains where the time goes. Its ratios are from a measurement of its own, so they differ a little from these.
Where LSTM and GRU differ as much as with a single sequence, look at PyTorch: it may have one compiled routine for all steps of an LSTM and none for those of a
GRU, as [GRU or LSTM](../gru/gru-or-lstm.md#fewer-multiplications-are-not-always-less-time) found.

![The time of training steps of the NumPy half relative to torch.nn, one bar per layer and size, with a line at 1 and a mark where the matrix products alone would end](../images/about/benchmarks.svg)

/// figure-caption | #fig-bars
Each bar compares a layer of the NumPy half with PyTorch's, and the mark in it says where the matrix products alone would end.
///

In [Figure](#fig-bars) and in the tables, a size is (T, N, I, H): steps, sequences in the batch, inputs, hidden units. Numbers are float32 unless a
row says otherwise, and half of all turns lie between the two numbers in the last column. {machine} `make bench` measures everything
again on your machine, which takes about six minutes, and rewrites this page and its figure.
"""


def page(results: dict[str, Any]) -> str:
    """The page as Markdown."""
    head = HEAD.format(summary=_summary(results), machine=_machine(results["provenance"]))
    return f"{head.strip()}\n\n{tables(results)}"


def tables(results: dict[str, Any]) -> str:
    """Everything that was measured, a section per group."""
    parts = []
    for group in results["groups"].values():
        parts += [f"## {group['title']}", _table(group["rows"])]
    if "memory" in results:
        parts += ["## Memory and checkpoints", _memory(results["memory"])]
    if "growth" in results:
        parts += ["## Longer sequences", _growth(results["growth"])]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _summary(results: dict[str, Any]) -> str:
    rows = results["groups"]["numpy"]["rows"]
    sizes = list(dict.fromkeys(row["size"] for row in rows))

    def ratios(name: str, *, batches: bool) -> list[float]:
        # The first size is a single sequence.
        return [
            row["ratio"]
            for row in rows
            if row["name"] == name and (row["size"] != sizes[0]) == batches
        ]

    lstm, alone = f"LSTM {BOTH}", f"LSTM, {ALONE}"
    return (
        f"With batches, a training step of the NumPy LSTM takes {_span(ratios(lstm, batches=True))} "
        f"times as long as one of `torch.nn.LSTM`, and one of the GRU "
        f"{_span(ratios(f'GRU {BOTH}', batches=True))} times as long as one of `torch.nn.GRU`. Most of "
        "that time goes into matrix products: the LSTM's products alone, without any gate, "
        f"would take {_span(ratios(alone, batches=True))}. A single sequence leaves little to multiply, "
        "so the cost of each NumPy call shows, and the ratios are "
        f"{_span(ratios(lstm, batches=False))} for the LSTM and "
        f"{_span(ratios(f'GRU {BOTH}', batches=False))} for the GRU."
    )


def _span(values: list[float]) -> str:
    low, high = (f"{value:.2f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def _machine(where: dict[str, Any]) -> str:
    versions = ", ".join(f"{k} {v}" for k, v in where["versions"].items() if v)
    return (
        f"All of it was measured on {where['date']} on {where['processor']}, with Python "
        f"{where['python']}, {versions}, and NumPy's products computed by {', '.join(where['blas'])}. "
        f"The load of the machine was {where['load_at_start']} at the start."
        + (f" Its GPU, {where['gpu']}, was not used." if where["gpu"] else "")
    )


def _table(rows: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(row["name"] for row in rows))
    lines = ["| | size | ratio | middle half |", "|---|---|--:|--:|"]
    for row in sorted(rows, key=lambda row: names.index(row["name"])):
        size = row["size"].replace(" ", "\N{NO-BREAK SPACE}")
        if "skipped" in row:
            lines.append(f"| {row['name']} | {size} | | {row['skipped']} |")
            continue
        low, high = (row["ours"][end] / row["theirs"]["median"] for end in ("low", "high"))
        lines.append(f"| {row['name']} | {size} | {row['ratio']:.2f} | {low:.2f} to {high:.2f} |")
    return "\n".join(lines)


def _memory(found: dict[str, Any]) -> str:
    arrays = found["arrays"]
    return (
        f"Forward and backward of an LSTM at {tuple(found['size'])} hold at most "
        f"{arrays['plain']:.1f} arrays of T·N·H numbers at once, not counting the input and the gradient that the caller "
        f"passes in. With `checkpoint=True` it is {arrays['checkpoint']:.1f} arrays, the gradients are the same, and the "
        f"computation takes {found['time_ratio']:.2f} times as long."
    )


def _growth(rows: list[dict[str, float]]) -> str:
    lines = [
        "Forward and backward of an LSTM with N = 4 and I = H = 32. Neither time nor memory per step rises with the number "
        "of steps, so that both grow no faster than the sequence does.",
        "",
        "| steps | microseconds per step | bytes per step |",
        "|--:|--:|--:|",
        *(
            f"| {row['steps']:,} | {row['microseconds_a_step']:.1f} | {row['bytes_a_step']:,.0f} |"
            for row in rows
        ),
    ]
    return "\n".join(lines)
