"""How much faster two processes are than one: ``python -m rnn_book.projects.scaling``.

Starts the character model's trainer alone and under torchrun, one thread for each process, and
measures the time of an update on the clock. Let nothing else run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnn_book.projects.character_model.checkpoint import shapes
from rnn_book.projects.character_model.settings import Settings
from rnn_book.projects.refusal import INTERRUPTED, guarded
from rnn_book.records import write_whole

__all__ = ["bytes_moved", "estimate", "main", "measured"]

WIDTHS = (128, 384)
BATCH, STEPS = 32, 64
SYMBOLS = 100
FLOAT = 4  # bytes
NETWORKS = {"1 Gbit/s Ethernet": 1e9 / 8, "10 Gbit/s Ethernet": 1e10 / 8, "100 Gbit/s": 1e11 / 8}
"""Name -> bytes per second; what a network reaches in practice is somewhat less."""


def parameters(hidden: int) -> int:
    """Number of weights of the model that is measured."""
    sizes = shapes(SYMBOLS, Settings(hidden=hidden)).values()
    return sum(size[0] * (size[1] if len(size) > 1 else 1) for size in sizes)


def bytes_moved(count: int, processes: int) -> float:
    """Bytes that each process sends in one update: a ring adds up gradients, then hands them round.

    Each sends 2 (R - 1) / R times its gradients (Patarasu & Yuan 2009), for R processes.
    """
    return 2 * (processes - 1) / processes * count * FLOAT


def estimate(seconds: float, count: int, processes: int, speed: float) -> float:
    """Updates' time on R machines over that on one, if the batch is split and nothing overlaps.

    Parameters
    ----------
    seconds
        Of an update on one machine.
    count
        Number of weights.
    processes
        R.
    speed
        Of the network, bytes per second.

    Returns
    -------
    float
        How many times faster; R would be perfect.
    """
    return seconds / (seconds / processes + bytes_moved(count, processes) / speed)


def measured(hidden: int, processes: int, updates: int) -> list[float]:
    """Seconds of each update but the first few, on the clock, of the process of rank 0."""
    launch = [
        *("-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1"),
        *(f"--nproc-per-node={processes}", "-m", "rnn_book.projects.scaling"),
    ]
    alone = ["-m", "rnn_book.projects.scaling"]
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "seconds.json"
        command = [sys.executable, *(launch if processes > 1 else alone)]
        command += ["--worker", str(to), "--hidden", str(hidden), "--updates", str(updates)]
        from rnn_book.experiments.provenance import THREADS  # not there in a browser

        one_thread = dict.fromkeys(THREADS, "1")
        subprocess.run(command, check=True, env={**os.environ, **one_thread})
        return [float(s) for s in json.loads(to.read_text(encoding="utf-8"))]


def _work(to: Path, hidden: int, updates: int) -> int:
    """Train on made-up text and note the time of each update; returns an exit code."""
    import numpy as np
    import torch

    from rnn_book.datasets import Vocabulary
    from rnn_book.projects.character_model.processes import joined
    from rnn_book.projects.character_model.trainer import Run, Trainer

    device = torch.device("cpu")
    symbols = "".join(chr(0x4E00 + k) for k in range(SYMBOLS - 1))
    numbers = np.random.default_rng(0).integers(1, SYMBOLS, 200_000)
    with joined(device) as processes:
        settings = Settings(hidden=hidden, batch=BATCH, steps=STEPS)
        trainer = Trainer(settings, Vocabulary(symbols), numbers, Run(device, processes))
        seconds = []
        for _ in range(updates):
            begun = time.perf_counter()
            trainer.step()
            seconds.append(time.perf_counter() - begun)
        if processes.first:
            write_whole(to, json.dumps(seconds[3:]))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and store the result."""
    parser = argparse.ArgumentParser(prog="python -m rnn_book.projects.scaling")
    parser.add_argument("--updates", type=int, default=40, help="for each measurement")
    parser.add_argument("--rounds", type=int, default=5, help="of one and two, in turn")
    parser.add_argument("--to", type=Path, help="store the result as JSON")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--hidden", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        return guarded(lambda: _work(options.worker, options.hidden, options.updates))
    found: dict[str, Any] = {"batch": BATCH, "steps": STEPS, "load": os.getloadavg()[0], "rows": []}
    for hidden in WIDTHS:
        times: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(options.rounds):
            for processes, kept in times.items():
                kept.append(statistics.median(measured(hidden, processes, options.updates)))
        count = parameters(hidden)
        one, two = (statistics.median(times[processes]) for processes in (1, 2))
        found["rows"].append(
            {
                "hidden": hidden,
                "parameters": count,
                "seconds": {str(processes): kept for processes, kept in times.items()},
                "speedup": one / two,
                "megabytes": bytes_moved(count, 2) / 1e6,
                "estimates": {
                    name: {str(r): estimate(one, count, r, speed) for r in (2, 4, 8)}
                    for name, speed in NETWORKS.items()
                },
            }
        )
        print(f"hidden {hidden}: {one * 1e3:.0f} ms alone, {two * 1e3:.0f} ms for two")
    from rnn_book.experiments.provenance import machine, versions

    found["provenance"] = {**machine(), "versions": versions(["torch"])}
    if options.to:
        write_whole(options.to, json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
