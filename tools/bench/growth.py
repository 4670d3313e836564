"""How time and memory grow with the number of steps, and what checkpoints save."""

from __future__ import annotations

from typing import Any

import numpy as np

import rnn_book.numpy as numpy_half
from tools.bench.timing import alternate, peak_bytes

__all__ = ["counted", "growth", "memory"]

SIZE = (1000, 16, 64, 64)  # T, N, I and H
FEW = (4, 32)  # N, and I = H, where the number of steps grows


def _pass(steps: int, batch: int, hidden: int, **options: Any) -> Any:
    layer = numpy_half.LSTM(hidden, hidden, rng=0, **options)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((steps, batch, hidden)).astype(np.float32)

    def run() -> object:
        layer(x)
        return layer.backward(x)

    return run


def _contenders() -> dict[str, Any]:
    steps, batch, hidden, _ = SIZE
    return {
        name: _pass(steps, batch, hidden, checkpoint=checkpoint)
        for name, checkpoint in (("plain", False), ("checkpoint", True))
    }


def arrays() -> dict[str, float]:
    """Peak memory of forward + backward in arrays of T*N*H numbers.

    The input and the gradient of the output, one such array each, are the caller's and not counted.
    """
    steps, batch, hidden, _ = SIZE
    array = steps * batch * hidden * 4
    return {name: peak_bytes(run) / array for name, run in _contenders().items()}


def memory(budget: float, clock: Any) -> dict[str, Any]:
    """What checkpoints save, in `arrays`, and what time they cost."""
    times = alternate(_contenders(), budget, clock)
    ratio = times["checkpoint"]["median"] / times["plain"]["median"]
    return {"size": list(SIZE), "arrays": arrays(), "time_ratio": ratio}


def counted(results: dict[str, Any]) -> dict[str, Any]:
    """The results with the peaks of memory counted anew: they do not depend on other programs.

    Times stay as they were measured.
    """
    return results | {
        "memory": results["memory"] | {"arrays": arrays()},
        "growth": [
            row | {"bytes_a_step": _bytes_a_step(row["steps"])} for row in results["growth"]
        ],
    }


def growth(budget: float, clock: Any, lengths: tuple[int, ...]) -> list[dict[str, float]]:
    """Microseconds and bytes a step of forward + backward, for several T (N = 4, I = H = 32)."""
    runs = {str(steps): _pass(steps, *FEW) for steps in lengths}
    times = alternate(runs, budget, clock, rounds=3)
    return [
        {
            "steps": steps,
            "microseconds_a_step": 1e6 * times[str(steps)]["median"] / steps,
            "bytes_a_step": _bytes_a_step(steps),
        }
        for steps in lengths
    ]


def _bytes_a_step(steps: int) -> float:
    return peak_bytes(_pass(steps, *FEW)) / steps
