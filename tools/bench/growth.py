"""How time and memory grow with the number of steps, and what checkpoints save."""

from __future__ import annotations

from typing import Any

import numpy as np

import rnn_book.numpy as numpy_half
from tools.bench.timing import alternate, peak_bytes

__all__ = ["growth", "memory"]


def _pass(steps: int, batch: int, hidden: int, **options: Any) -> Any:
    layer = numpy_half.LSTM(hidden, hidden, rng=0, **options)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((steps, batch, hidden)).astype(np.float32)

    def run() -> object:
        layer(x)
        return layer.backward(x)

    return run


def memory(budget: float, clock: Any, steps: int = 1000) -> dict[str, Any]:
    """Peak memory of forward + backward in arrays of T*N*H numbers (N = 16, I = H = 64).

    The input and the gradient of the output, one such array each, are the caller's and not counted.
    """
    batch, hidden = 16, 64
    runs = {
        name: _pass(steps, batch, hidden, checkpoint=checkpoint)
        for name, checkpoint in (("plain", False), ("checkpoint", True))
    }
    array = steps * batch * hidden * 4
    times = alternate(runs, budget, clock)
    return {
        "size": [steps, batch, hidden, hidden],
        "arrays": {name: peak_bytes(run) / array for name, run in runs.items()},
        "time_ratio": times["checkpoint"]["median"] / times["plain"]["median"],
    }


def growth(budget: float, clock: Any, lengths: tuple[int, ...]) -> list[dict[str, float]]:
    """Microseconds and bytes a step of forward + backward, for several T (N = 4, I = H = 32)."""
    runs = {str(steps): _pass(steps, 4, 32) for steps in lengths}
    times = alternate(runs, budget, clock, rounds=3)
    return [
        {
            "steps": steps,
            "microseconds_a_step": 1e6 * times[str(steps)]["median"] / steps,
            "bytes_a_step": peak_bytes(runs[str(steps)]) / steps,
        }
        for steps in lengths
    ]
