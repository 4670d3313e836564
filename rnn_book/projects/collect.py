"""Take what a run of the character model has reached into the book: ``... collect --run FOLDER``.

Scores the weights, searches their units, stores the result that the chapter is made from, and puts
the weights where ``sample`` finds them. Only for a checkout of the book.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnn_book.experiments.provenance import checkout
from rnn_book.projects.chapters import RESULTS
from rnn_book.projects.character_model.__main__ import SHIPPED
from rnn_book.projects.character_model.cells import (
    Unit,
    features,
    find,
    models,
    readings,
    search,
)
from rnn_book.projects.character_model.checkpoint import WEIGHTS, Trained, read_weights, shapes
from rnn_book.projects.character_model.corpus import load_text
from rnn_book.projects.character_model.evaluate import evaluation
from rnn_book.projects.character_model.generate import BACKENDS, generate
from rnn_book.projects.character_model.settings import Settings
from rnn_book.projects.character_model.train import RECORD
from rnn_book.projects.refusal import Refusal, guarded
from rnn_book.records import write_whole

__all__ = ["collect"]

FEATURE = "inside brackets"
CHOSEN_ON, SCORED_ON = "configparser", "textwrap"  # validation and test modules
WIDE = 96  # characters of the picture
LARGEST = 4_000_000  # bytes
WRITTEN: dict[str, Any] = {
    "prompt": "class Parser:\n    def __init__(self",
    "characters": 500,
    "temperature": 0.5,
    "seed": 2,
}


def collect(run: Path, rival: Path | None = None) -> int:
    """Store the result of a run, its weights, and the curve of a rival of another kind."""
    if checkout() is None:
        raise Refusal(
            "results belong into a checkout of the book, and this is an installed package"
        )
    path = run / WEIGHTS
    size = path.stat().st_size
    if size > LARGEST:
        raise Refusal(f"{path} has {size:,} bytes, and {LARGEST:,} is the most that the book ships")
    trained = read_weights(path)
    corpus = load_text(trained.record["text"]["source"])
    record = json.loads((run / RECORD).read_text(encoding="utf-8"))
    beside = {"rival": _rival(record, rival)} if rival else {}
    stored = {
        "run": record,
        **beside,
        "evaluation": evaluation(trained, corpus, own=True, baselines=True),
        **_looked_into(trained),
        "written": written(trained),
        "bytes": size,
    }
    write_whole(RESULTS / "character_model.json", json.dumps(stored, indent=1) + "\n")
    write_whole(SHIPPED, path.read_bytes())
    print(f"stored {stored['evaluation']['model']['bits']:.3f} bits per character")
    return 0


def written(trained: Trained) -> dict[str, Any]:
    """A sample of the finished model, less daring than those that were taken on the way."""
    model = BACKENDS["numpy"](trained)
    options = {"temperature": WRITTEN["temperature"], "rng": WRITTEN["seed"]}
    text = "".join(generate(model, trained, WRITTEN["prompt"], WRITTEN["characters"], **options))
    return {**WRITTEN, "text": text}


def _rival(run: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The record of another kind of network, of as many parameters and otherwise alike.

    Raises
    ------
    Refusal
        If more than the kind and the width differ, or the sizes by more than a hundredth.
    """
    other = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    mine, theirs = run["settings"], other["settings"]
    differing = {name for name in mine if mine[name] != theirs[name]} | {
        name for name in ("symbols", "text") if run[name] != other[name]
    }
    if differing - {"hidden"} != {"kind"}:
        raise Refusal(f"{folder}: a rival differs in kind and hidden, not in {sorted(differing)}")
    sizes = [parameters(record) for record in (run, other)]
    if abs(sizes[1] / sizes[0] - 1) > 0.01:
        raise Refusal(f"{folder}: {sizes[1]:,} parameters beside {sizes[0]:,} are not as many")
    kept = ("updates", "characters", "seconds", "settings", "looks")
    return {name: other[name] for name in kept} | {"parameters": sizes}


def parameters(record: dict[str, Any]) -> int:
    """Number of weights of a run's model."""
    settings = Settings.from_record(record["settings"])
    return sum(math.prod(shape) for shape in shapes(record["symbols"], settings).values())


def _looked_into(trained: Trained) -> dict[str, Any]:
    folder = Path(sysconfig.get_path("stdlib"))
    first, second = (
        (folder / f"{name}.py").read_text(encoding="utf-8") for name in (CHOSEN_ON, SCORED_ON)
    )
    encode, both = trained.vocabulary.encode, models(trained)
    found = {name: search(model, first, second, encode, ("c", "h")) for name, model in both.items()}
    best = found["trained"][FEATURE]
    label = features(second)[FEATURE]
    # The first stretch of the scored file in which brackets come and go.
    changes = np.flatnonzero(np.diff(label.astype(int)) != 0)
    begin = next(
        int(place) - 12
        for place in changes
        if place > 2000 and ((place <= changes) & (changes < place + WIDE - 20)).sum() >= 4
    )
    read = readings(both["trained"], encode(second[: begin + WIDE]))
    values = best["sign"] * find(read, Unit.named(best["unit"]))[begin:]
    return {
        "search": found,
        "unit": {
            "name": best["unit"] if best["sign"] > 0 else f"−{best['unit']}",
            "feature": FEATURE,
            "text": second[begin : begin + WIDE],
            "values": [round(float(v), 4) for v in values],
            "label": label[begin : begin + WIDE].tolist(),
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and collect."""
    parser = argparse.ArgumentParser(prog="python -m rnn_book.projects.collect")
    parser.add_argument("--run", type=Path, required=True, help="a folder that train wrote")
    parser.add_argument("--rival", type=Path, help="the run of another kind of network, as large")
    options = parser.parse_args(arguments)
    return guarded(lambda: collect(options.run, options.rival))


if __name__ == "__main__":
    sys.exit(main())
