"""Measure all races of the groups asked for, with where and when it was done."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from tqdm import tqdm

from rnn_book.experiments.provenance import kernels, machine, versions
from tools.bench.growth import growth, memory
from tools.bench.rows import GROUPS, Race
from tools.bench.timing import alternate

__all__ = ["measure", "names"]

# What other programs do on the machine does not count in a process's own time.
CLOCK = time.process_time
PACKAGES = ("numpy", "torch", "onnxruntime", "keras")
LENGTHS = (100, 300, 1000, 3000, 10_000)


def names() -> list[str]:
    """The groups, in order."""
    return [*GROUPS, "memory", "growth"]


def measure(groups: Sequence[str], quick: bool) -> dict[str, Any]:
    """Measure the groups; returns what the JSON holds."""
    torch.set_num_threads(1)
    start, load = time.perf_counter(), os.getloadavg()[0]
    budget, rounds = (0.02, 2) if quick else (0.6, 5)
    found: dict[str, Any] = {"groups": {}}
    for group in groups:
        if group in GROUPS:
            title, races = GROUPS[group]
            rows: list[dict[str, Any]] = []
            for race in (bar := tqdm(races(), desc=group, unit="race")):
                bar.set_postfix_str(race.size)
                rows += _run(race, budget, rounds)
            found["groups"][group] = {"title": title, "rows": rows}
        elif group == "memory":
            found["memory"] = memory(budget, CLOCK)
        else:
            found["growth"] = growth(budget, CLOCK, LENGTHS[:3] if quick else LENGTHS)
    found["provenance"] = {
        **_machine(),
        "load_at_start": round(load, 2),
        "seconds": round(time.perf_counter() - start),
    }
    return found


def _run(race: Race, budget: float, rounds: int) -> Iterator[dict[str, Any]]:
    runs = {name: run for name, run in race.contenders.items() if not isinstance(run, str)}
    # The name of the one they are compared with is no contender's.
    times = alternate({"": race.base, **runs}, budget * (1 + len(runs)), CLOCK, rounds)
    base = times[""]
    for name, run in race.contenders.items():
        shown = {"name": name, "size": race.size}
        if isinstance(run, str):
            yield {**shown, "skipped": run}
        else:
            ratio = times[name]["median"] / base["median"]
            yield {**shown, "ratio": round(ratio, 3), "ours": times[name], "theirs": base}


def _machine() -> dict[str, Any]:
    return {
        **machine(),
        "versions": versions(PACKAGES),
        "blas": kernels(),
        "threads": 1,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }
