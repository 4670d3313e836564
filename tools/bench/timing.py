"""Timing side by side: contenders take turns, and the median of each counts."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping

__all__ = ["alternate", "peak_bytes"]


def alternate(
    contenders: Mapping[str, Callable[[], object]],
    budget: float,
    clock: Callable[[], float] = time.perf_counter,
    rounds: int = 5,
) -> dict[str, dict[str, float]]:
    """Let contenders take turns, and return the quartiles of each.

    Parameters
    ----------
    contenders
        Name -> what is timed. Each runs once before, untimed.
    budget
        Seconds for all rounds; at least `rounds` are made.
    clock
        Tells the time in seconds.
    rounds
        Fewest rounds.

    Returns
    -------
    dict
        Name -> ``median``, ``low`` and ``high`` quartile in seconds, and the number of ``rounds``.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    start = clock()
    while min(map(len, times.values())) < rounds or clock() - start < budget:
        for name, run in contenders.items():
            before = clock()
            run()
            times[name].append(clock() - before)
    found = {}
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        found[name] = {"median": median, "low": low, "high": high, "rounds": len(values)}
    return found


def peak_bytes(run: Callable[[], object]) -> int:
    """Bytes that Python and NumPy hold at most while `run` runs, beyond what they held before."""
    run()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        run()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
