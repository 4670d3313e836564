"""Where the time of the NumPy half goes, for the page *Why it is fast*.

`python -m tools.bench.why` lets contenders take turns on one thread, counts processor time, and
stores the medians with the processor and the kernels of OpenBLAS; then it draws the page's figures
and brings the numbers in its sentences up to date. `--browser FILE` takes in what
`node tools/bench/browser.mjs` printed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

import rnn_book.numpy as rn
from rnn_book.experiments.provenance import kernels, machine, versions
from rnn_book.numpy.lstm import LSTMStep
from rnn_book.numpy.product import SMALL_KERNEL, block_width, blocks
from rnn_book.records import write_whole
from tools.bench.alone import one_thread
from tools.bench.products import products
from tools.bench.timing import alternate
from tools.diagrams import draw

__all__ = ["SIZES", "facts", "load", "measure"]

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("why.json")
PAGE = ROOT / "docs" / "practice" / "why-it-is-fast.md"
FIGURES = ("practice/where-the-time-goes", "practice/one-call")
SIZES = ((100, 32, 64, 128), (50, 64, 128, 256), (200, 16, 512, 512), (100, 1, 32, 64))
LENGTHS = (1, 64, 512, 4096, 32768)
GATES = 4
Array = Any

LARGEST = 2  # of SIZES


def load() -> dict[str, Any]:
    """The stored results."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


def measure(budget: float = 3.0) -> dict[str, Any]:
    """Measure everything; `budget` is in seconds for each comparison."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    return {
        "provenance": {**machine(), "versions": versions(("numpy", "torch")), "blas": kernels()},
        "shares": [_shares(rng, size, budget) for size in SIZES],
        "calls": _calls(rng, 2 * budget),
        "addition": _addition(rng, budget / 6),
        "layout": _layout(rng, budget / 2),
        "input": _input(rng, SIZES[0], budget / 2),
        "blocks": [_blocks(rng, size, budget / 2) for size in SIZES],
    }


def _draw(rng: np.random.Generator, *shape: int) -> Array:
    return rng.standard_normal(shape).astype(np.float32)


def _times(contenders: Mapping[str, Callable[[], object]], budget: float) -> dict[str, float]:
    """Seconds of each, the median of all turns."""
    found = alternate(contenders, budget, time.thread_time, 7)
    return {name: float(f"{times['median']:.4g}") for name, times in found.items()}


def _shares(rng: np.random.Generator, size: tuple[int, ...], budget: float) -> dict[str, Any]:
    """One forward and backward, beside torch's, and its parts by themselves."""
    steps, batch, features, hidden = size
    x, d = _draw(rng, steps, batch, features), _draw(rng, steps, batch, hidden)
    layer, theirs = rn.LSTM(features, hidden, rng=0), torch.nn.LSTM(features, hidden)

    def ours() -> None:
        layer(x)
        layer.backward(d)

    x_torch = torch.from_numpy(x).requires_grad_()
    d_torch = torch.from_numpy(d)

    def torchs() -> None:
        theirs(x_torch)[0].backward(d_torch)

    found = _times(
        {
            "torch": torchs,
            "ours": ours,
            "products": products(GATES, x, d),
            "step": _steps(rng, steps, batch, hidden),
            "calls": _steps(rng, steps, 1, 1),
        },
        budget,
    )
    return {"size": size, **found}


def _steps(rng: np.random.Generator, steps: int, batch: int, hidden: int) -> Callable[[], None]:
    """The cell's own step and its gradient, with products that cost nothing."""
    cell = LSTMStep()
    a_x, h, c, d = (_draw(rng, *shape, batch, hidden) for shape in ((GATES,), (), (), ()))
    ready = SimpleNamespace(forth=_draw(rng, GATES, batch, hidden), back=h)

    class Free:
        def __call__(self, x: Array) -> Array:
            return ready.forth

        def gradient(self, d: Array) -> Array:
            return ready.back

    p = SimpleNamespace(recurrent=Free(), bias_hh=_draw(rng, GATES, 1, hidden))

    def run() -> None:
        for _ in range(steps):
            _, saved = cell.step(a_x, h, (h, c), p)
            cell.step_gradient((d, d), saved, p)

    return run


def _calls(rng: np.random.Generator, budget: float) -> list[dict[str, Any]]:
    """One call of multiply, on rows that lie together and on rows with gaps between them."""
    contenders: dict[str, Callable[[], None]] = {}
    repeats: dict[int, int] = {}
    for count in LENGTHS:
        rows = max(1, count // 128)
        joined = _draw(rng, rows, GATES * (count // rows))
        apart = joined[:, : count // rows]
        repeats[count] = max(20, 400_000 // (400 + count))
        for kind, array in (("together", apart.copy()), ("apart", apart)):
            contenders[f"{kind} {count}"] = _calling(array, repeats[count])
    # All take turns with all, so that a disturbance meets the lengths alike.
    found = _times(contenders, budget)
    return [
        {"numbers": count}
        | {kind: found[f"{kind} {count}"] / repeats[count] for kind in ("together", "apart")}
        for count in LENGTHS
    ]


def _calling(array: Array, repeats: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(repeats):
            np.multiply(array, array)

    return run


def _addition(rng: np.random.Generator, budget: float) -> dict[str, float]:
    """One addition, in a loop of Python and in NumPy's compiled one."""
    array = _draw(rng, 4096)
    numbers = array.tolist()

    def python() -> None:
        total = 0.0
        for number in numbers:
            total += number

    found = _times({"python": python, "numpy": lambda: array.sum()}, budget)
    return {name: value / len(numbers) for name, value in found.items()}


def _layout(rng: np.random.Generator, budget: float) -> dict[str, Any]:
    """The element-wise part of a step, on gates that come first and on gates side by side."""
    _, batch, _, hidden = SIZES[0]
    first, beside = _draw(rng, GATES, batch, hidden), _draw(rng, batch, GATES * hidden)
    c = _draw(rng, batch, hidden)

    def step(a: Array) -> Callable[[], None]:
        def run() -> None:
            for _ in range(20):
                i, f, g, o = rn.sigmoid(a[0]), rn.sigmoid(a[1]), np.tanh(a[2]), rn.sigmoid(a[3])
                o * np.tanh(f * c + i * g)

        return run

    split = beside.reshape(batch, GATES, hidden).swapaxes(0, 1)
    return _times({"first": step(first), "beside": step(split)}, budget)


def _input(rng: np.random.Generator, size: tuple[int, ...], budget: float) -> dict[str, Any]:
    """The product of the input, once for all steps and once for each step."""
    steps, batch, features, hidden = size
    x, weights = _draw(rng, steps, batch, features), _draw(rng, GATES, features, hidden)

    def at_once() -> None:
        np.matmul(x.reshape(steps * batch, features), weights)

    def by_step() -> None:
        for x_t in x:
            np.matmul(x_t, weights)

    return {"size": size, **_times({"at once": at_once, "by step": by_step}, budget)}


def _blocks(rng: np.random.Generator, size: tuple[int, ...], budget: float) -> dict[str, Any]:
    """One recurrent product, (N, H) @ (H, 4H): whole, gate by gate, and in blocks of columns."""
    _, batch, _, hidden = size
    h, weights = _draw(rng, batch, hidden), _draw(rng, GATES, hidden, hidden)
    whole = np.ascontiguousarray(weights.swapaxes(0, 1).reshape(hidden, GATES * hidden))
    width = max(w for w in range(32, 101) if hidden % w == 0)
    cut = np.array(blocks(weights, width), order="C")
    out = np.empty((GATES, batch, hidden), np.float32)
    contenders = {
        "whole": lambda: np.matmul(h, whole),
        "by gate": lambda: np.matmul(h, weights, out=out),
        "in blocks": lambda: np.matmul(h, cut, out=blocks(out, width)),
    }
    chosen = block_width(batch, hidden, hidden, 4)
    multiplications = batch * hidden * GATES * hidden
    return {
        "size": size,
        "width": width,
        "chosen": chosen,
        "multiplications": multiplications,
        **_times(contenders, budget),
    }


def facts(results: dict[str, Any]) -> dict[str, str]:
    """What the page's sentences say of the results, each as it stands there."""
    ratios = [row["ours"] / row["torch"] for row in results["shares"]]
    batches, alone = ratios[:-1], ratios[-1]
    largest = results["shares"][LARGEST]
    calls = {row["numbers"]: row for row in results["calls"]}
    small, many = (1e6 * calls[count]["together"] for count in (64, 4096))
    layout = {name: 1e6 / 20 * seconds for name, seconds in results["layout"].items()}
    speed = [_speed(row) for row in results["blocks"]]
    second, none = results["kernels"]["second"], results["kernels"]["none"]
    browser = results["browser"]
    addition = results["addition"]["python"] / results["addition"]["numpy"]
    native = {tuple(row["size"][1:]): row["ours"] / row["size"][0] for row in results["shares"]}
    slower = [row["seconds"] / row["size"][0] / native[tuple(row["size"][1:])] for row in browser]
    return {
        "addition": f"takes {_round(addition)} times as long",
        "riddle": f"became of the factor of {_round(addition)}?",
        "batches": f"between {min(batches):.2f} and {max(batches):.2f} times as long as PyTorch",
        "largest": f"behind the line, at {ratios[LARGEST]:.2f}",
        "products": f"{largest['products'] / largest['torch']:.2f} of PyTorch's time goes",
        "alone": f"at {alone:.2f} times PyTorch's time",
        "small call": f"takes {small:.2f} µs when they hold 64 numbers, and {many:.2f} µs",
        "apart": f"{1e6 * calls[4096]['apart']:.2f} µs instead of {many:.2f} at 4096 numbers",
        "layout": f"took {layout['beside']:.0f} µs with gates side by side and "
        f"{layout['first']:.0f} µs with the gates first",
        "second kernel": f"from {second['whole']:.1f} to {second['in blocks']:.1f} billion",
        "no second kernel": f"{none['whole']:.1f} for the whole product, "
        f"{none['in blocks']:.1f} in blocks",
        "native": f"does at {speed[0]['whole']:.1f} billion",
        "browser": f"crawls at {browser[0]['speed']:.1f}",
        "browser batch": f"takes {_round(slower[0])} times as long as outside the browser",
        "browser alone": f"takes only {slower[1]:.1f} times as long",
    }


def _speed(row: dict[str, Any]) -> dict[str, float]:
    """10^9 operations a second of a recurrent product, whole and cut."""
    ways = ("whole", "by gate", "in blocks")
    return {way: 2e-9 * row["multiplications"] / row[way] for way in ways}


def _round(value: float) -> str:
    return f"{float(f'{value:.2g}'):.0f}"


def main() -> int:
    """Measure, or take in the browser's measurement; then redraw and rewrite."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.why", description=__doc__)
    parser.add_argument("--budget", type=float, default=3.0, help="seconds for each comparison")
    parser.add_argument("--browser", type=Path, help="what node tools/bench/browser.mjs printed")
    options = parser.parse_args()
    code = None if options.browser else one_thread("tools.bench.why")
    if code is not None:
        return code
    before = load()
    if options.browser:
        rows = json.loads(options.browser.read_text(encoding="utf-8"))
        found = before | {"browser": rows, "browser processor": machine()["processor"]}
    else:
        kept = {name: before[name] for name in ("browser", "browser processor")}
        found = measure(options.budget) | kept
        # Processors with OpenBLAS's second kernel and without it: this one is measured anew.
        kind = "second" if SMALL_KERNEL else "none"
        found["kernels"] = before["kernels"] | {kind: _speed(found["blocks"][LARGEST])}
    write_whole(RESULTS, json.dumps(found, indent=1) + "\n")
    for name in FIGURES:
        write_whole(ROOT / "images" / f"{name}.svg", draw(name))
    text = PAGE.read_text(encoding="utf-8")
    old, new = facts(before), facts(found)
    for name in new:
        text = text.replace(old[name], new[name])
    write_whole(PAGE, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
