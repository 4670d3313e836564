"""Measure all rows of the groups asked for, with where and when it was done."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

import torch
from tqdm import tqdm

from rnn_book.records import kernels, machine, versions
from rnn_book.timing import alternate
from tools.bench.growth import growth, memory
from tools.bench.rows import GROUPS

__all__ = ["measure", "names"]

CLOCKS = {"wall": time.perf_counter, "cpu": time.thread_time}
PACKAGES = ("numpy", "torch", "onnxruntime", "keras")
LENGTHS = (100, 300, 1000, 3000, 10_000)


def names() -> list[str]:
    """The groups, in order."""
    return [*GROUPS, "memory", "growth"]


def measure(groups: Sequence[str], quick: bool, clock: str) -> dict[str, Any]:
    """Measure the groups; returns what the JSON holds."""
    torch.set_num_threads(1)
    start, load = time.perf_counter(), os.getloadavg()[0]
    budget, rounds = (0.1, 2) if quick else (1.5, 5)
    found: dict[str, Any] = {"groups": {}}
    for group in groups:
        if group in GROUPS:
            title, rows = GROUPS[group]
            measured = []
            for row in (bar := tqdm(rows(), desc=group, unit="row")):
                bar.set_postfix_str(f"{row.name} {row.size}")
                measured.append(_compare(row, budget, CLOCKS[clock], rounds))
            found["groups"][group] = {"title": title, "rows": measured}
        elif group == "memory":
            found["memory"] = memory(budget, CLOCKS[clock])
        else:
            lengths = LENGTHS[:3] if quick else LENGTHS
            found["growth"] = growth(budget, CLOCKS[clock], lengths)
    found["provenance"] = {
        **_machine(),
        "clock": clock,
        "load_at_start": round(load, 2),
        "seconds": round(time.perf_counter() - start),
    }
    return found


def _compare(row: Any, budget: float, clock: Any, rounds: int) -> dict[str, Any]:
    shown = {"name": row.name, "size": row.size, "target": row.target}
    if isinstance(row.ours, str):
        return {**shown, "skipped": row.ours}
    times = alternate({"ours": row.ours, "theirs": row.theirs}, budget, clock, rounds)
    ratio = times["ours"]["median"] / times["theirs"]["median"]
    return {**shown, "ratio": round(ratio, 3), **times}


def _machine() -> dict[str, Any]:
    return {
        **machine(),
        "versions": versions(PACKAGES),
        "blas": kernels(),
        "threads": 1,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }
