"""Train the networks of the chapter on attention, and store what came out.

Each reads lines of one to three dates as people write them and learns to write them in ISO form;
the same encoder and decoder, with attention and without. The NumPy half trains, a minute or two of
one core for each run. Finished runs are kept in the result, so that a second start goes on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnn_book.decoding import greedy_search
from rnn_book.experiments.provenance import machine, versions
from rnn_book.numpy import (
    Adam,
    EncoderDecoder,
    clip_grad_norm,
    cross_entropy,
    cross_entropy_gradient,
)
from rnn_book.projects.dates.lines import (
    BREAK,
    ISO,
    WRITTEN,
    WrittenDates,
    encode_dates,
    written_dates,
)
from rnn_book.records import write_whole

__all__ = ["KINDS", "SEEDS", "Kind", "main", "scores", "train"]


class Kind(NamedTuple):
    """One contender."""

    hidden: int
    attention: Any
    most: int = 3
    """Dates in a line of the training."""


KINDS = {
    "attention": Kind(32, "dot"),
    "vector": Kind(32, None),
    "single": Kind(32, None, most=1),
}
SEEDS = (0, 1, 2)
BATCH, LR, CLIP, EMBEDDING = 64, 5e-3, 1.0, 16
POOL = 16  # batches that are drawn together and sorted by length, so that little is padding
NOTED = 20  # updates that one number of the curve is the mean of
TEST_LINES, TEST_SEED = 200, 1_000_003


def _batches(rng: np.random.Generator, most: int) -> Iterator[WrittenDates]:
    while True:
        lines = written_dates(POOL * BATCH, rng=rng, most=most)
        order = np.argsort([len(text) for text in lines.written], kind="stable")
        for row in rng.permutation(order.reshape(POOL, BATCH)):
            yield WrittenDates([lines.written[k] for k in row], [lines.iso[k] for k in row])


def train(kind: Kind, seed: int, updates: int) -> tuple[EncoderDecoder, list[float]]:
    """A trained network, and its losses in nats per character, the mean of every 20 updates."""
    rng = np.random.default_rng(seed)
    model = EncoderDecoder(
        len(WRITTEN), len(ISO), EMBEDDING, kind.hidden, attention=kind.attention, rng=rng
    )
    adam = Adam(model, lr=LR)
    losses = []
    for k, lines in zip(range(updates), _batches(rng, kind.most), strict=False):
        source, lengths, target = encode_dates(*lines)
        counts = target[1:] > 0
        out, _ = model(source, target[:-1], lengths)
        losses.append(cross_entropy(out, target[1:], counts))
        model.zero_grad()
        model.backward(cross_entropy_gradient(out, target[1:], counts))
        clip_grad_norm(model, CLIP)
        adam.lr = LR * (1 - k / updates)
        adam.step()
    whole = len(losses) // NOTED * NOTED
    return model, np.reshape(losses[:whole], (-1, NOTED)).mean(axis=1).round(4).tolist()


def scores(model: Any, dates: int, lines: int = TEST_LINES) -> dict[str, float]:
    """Shares of lines, and of characters, that are right, of lines with so many held-out dates."""
    test = written_dates(lines, rng=TEST_SEED + dates, fewest=dates, most=dates, held_out=True)
    source, lengths, _ = encode_dates(*test)
    known = model.start(source, lengths)
    steps = len(test.iso[0]) + 2  # one too many would be seen
    found = greedy_search(model.step, known, lines, start=BREAK, end=BREAK, steps=steps)
    texts = [ISO.decode(line.symbols) for line in found]
    right = [a == f"{b}\n" for a, b in zip(texts, test.iso, strict=True)]
    places = [
        sum(x == y for x, y in zip(a, b, strict=False)) / len(b)
        for a, b in zip(texts, test.iso, strict=True)
    ]
    return {"lines": float(np.mean(right)), "characters": round(float(np.mean(places)), 4)}


def _run(name: str, seed: int, updates: int) -> tuple[EncoderDecoder, dict[str, Any]]:
    begun = time.process_time()
    model, losses = train(KINDS[name], seed, updates)
    return model, {
        "weights": sum(p.size for p in model.parameters.values()),
        "updates": updates,
        "seconds": round(time.process_time() - begun, 1),
        "losses": losses,
        "held out": {str(dates): scores(model, dates) for dates in (1, 2, 3, 4)},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing in the result, and store it."""
    parser = argparse.ArgumentParser(prog="python -m rnn_book.projects.dates")
    parser.add_argument("--to", type=Path, required=True, help="the result, as JSON")
    parser.add_argument("--weights", type=Path, help="store seed 0's weights here, as float16")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    parser.add_argument("--updates", type=int, default=1000)
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"runs": {}}
    if options.to.is_file():
        found = json.loads(options.to.read_text(encoding="utf-8"))
    for seed in options.seeds:
        for name in options.kinds:
            if str(seed) in found["runs"].setdefault(name, {}):
                continue
            model, run = _run(name, seed, options.updates)
            found["runs"][name][str(seed)] = run
            found["provenance"] = {**machine(), "versions": versions(["numpy"])}
            write_whole(options.to, json.dumps(found, indent=1) + "\n")
            right = {n: one["lines"] for n, one in run["held out"].items()}
            print(f"{name}, seed {seed}: {right}, {run['seconds']} s", flush=True)
            if options.weights and seed == 0 and name in ("attention", "vector"):
                path = options.weights / f"dates-{name}.npz"
                _store(path, model)
    return 0


def _store(path: Path, model: EncoderDecoder) -> None:
    small = {name: value.astype(np.float16) for name, value in model.parameters.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **small)  # type: ignore[arg-type]
