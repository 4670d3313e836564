"""The command ``evaluate``: bits per character on held-out text, beside what counts and copies."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.experiments.provenance import machine, versions
from rnn_book.projects.character_model.checkpoint import Trained, read_weights
from rnn_book.projects.character_model.compressed import compressed_bits
from rnn_book.projects.character_model.corpus import Text, encode_all, load_text
from rnn_book.projects.character_model.counted import interpolated
from rnn_book.projects.character_model.scoring import CODE_POINTS, load_model, surprise
from rnn_book.projects.refusal import Refusal
from rnn_book.records import write_whole

__all__ = ["BLOCK", "evaluate", "evaluation", "interval"]

BLOCK = 10_000
"""Characters of a block, over which the interval is taken: neighbours are alike, blocks hardly."""
ORDER = 12
STREAMS = 20


def evaluate(weights: Path, text: str | None, baselines: bool, to: Path | None) -> int:
    """Score a model on its own test text, or on another; print it, and perhaps store it.

    Parameters
    ----------
    weights
        A file that ``train`` wrote.
    text
        None for the test part of the model's own text; else a text that is scored from end to end.
    baselines
        Whether n-grams and compressors are scored as well.
    to
        Where the result goes as JSON.
    """
    trained = read_weights(weights)
    known = trained.record["text"]
    corpus = load_text(text or known["source"])
    own = corpus.record["sha256"] == known["sha256"]
    if text is None and not own:
        raise Refusal(
            f"{known['source']} is another text here than the one the model learned from: its test "
            "part may hold what the model has read; name a text with --text"
        )
    found = evaluation(trained, corpus, own, baselines)
    for line in report(found):
        print(line)
    if to is not None:
        write_whole(to, json.dumps(found, indent=1) + "\n")
    return 0


def evaluation(trained: Trained, corpus: Text, own: bool, baselines: bool) -> dict[str, Any]:
    """Bits per character, an interval, and rivals.

    Of another text than the model's own every character must be known; held-out text may have
    unknown ones, and every model pays the same for them.
    """
    vocabulary = trained.vocabulary
    if own:
        test = corpus.test
        numbers = vocabulary.encode(test)
    else:
        test = corpus.train + corpus.validation + corpus.test
        numbers = encode_all(vocabulary, test, corpus.name)
    side_by_side = min(STREAMS, max(len(numbers) // BLOCK, 1))
    if len(numbers) < 2:
        raise Refusal(f"the text to score has {len(numbers)} characters; 2 are the least")
    model_bits = surprise(load_model(trained), numbers, side_by_side)
    mean, half = interval(model_bits)
    found: dict[str, Any] = {
        "text": corpus.name,
        "characters": len(numbers),
        "unknown": int((numbers == 0).sum()),
        "trained": {
            "updates": trained.record["updates"],
            "characters": trained.record["characters"],
        },
        "model": {"bits": mean, "half_width": half},
        "provenance": {**machine(), "versions": versions(["torch", "numpy"])},
    }
    if baselines and own:
        found |= rivals(trained, corpus, numbers, model_bits, side_by_side)
    return found


def rivals(
    trained: Trained, corpus: Text, numbers: NDArray, model_bits: NDArray, side_by_side: int
) -> dict[str, Any]:
    """N-grams up to order 12 with the same symbols, and xz after it has read the training text."""
    encode = trained.vocabulary.encode
    counted = interpolated(
        encode(corpus.train),
        encode(corpus.validation),
        numbers,
        size=len(trained.vocabulary),
        order=ORDER,
    )
    best = min(counted, key=lambda grams: grams.bits[0])
    unknown = np.where(numbers == 0, math.log2(CODE_POINTS), 0)
    chances = -np.log2(best.test) + unknown
    # The model has no bits for the first character of a stream: neither has its rival.
    steps = len(numbers) // side_by_side
    same = chances[: steps * side_by_side].reshape(side_by_side, steps)[:, 1:].reshape(-1)
    gain, gain_half = interval(same - model_bits)
    mean, half = interval(same)
    return {
        "ngrams": [
            {
                "order": grams.order,
                "validation": grams.bits[0],
                "test": float((-np.log2(grams.test) + unknown).mean()),
            }
            for grams in counted
        ],
        "best_ngram": {"order": best.order, "bits": mean, "half_width": half},
        "gain_over_ngram": {"bits": gain, "half_width": gain_half},
        "compressors": {
            "xz": compressed_bits(corpus.test, "xz"),
            "bz2": compressed_bits(corpus.test, "bz2"),
            "xz, primed with the training text": compressed_bits(
                corpus.test, "xz", primed_with=corpus.train
            ),
        },
    }


def interval(bits: NDArray[np.float64], block: int = BLOCK) -> tuple[float, float]:
    """Mean, and half the width of its 95 % interval over blocks (0 where there is one block)."""
    blocks = np.array([part.mean() for part in np.array_split(bits, max(len(bits) // block, 1))])
    if len(blocks) < 2:
        return float(bits.mean()), 0.0
    return float(bits.mean()), float(1.96 * blocks.std(ddof=1) / math.sqrt(len(blocks)))


def report(found: dict[str, Any]) -> list[str]:
    """What the terminal shows."""
    lines = [f"{found['text']}: {found['characters']:,} characters, bits per character"]
    rows = [("this model", found["model"])]
    if "best_ngram" in found:
        rows.append((f"{found['best_ngram']['order']}-grams, interpolated", found["best_ngram"]))
        rows.append(("  saved by this model", found["gain_over_ngram"]))
    lines += [
        f"  {name:36} {row['bits']:6.3f}  [{row['bits'] - row['half_width']:.3f}, "
        f"{row['bits'] + row['half_width']:.3f}]"
        for name, row in rows
    ]
    lines += [f"  {n:36} {bits:6.3f}" for n, bits in found.get("compressors", {}).items()]
    return lines
