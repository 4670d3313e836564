"""Two files of a run: a checkpoint, from which it goes on, and the weights that it would ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_book.datasets import Vocabulary
from rnn_book.projects import storage
from rnn_book.projects.character_model.settings import Settings
from rnn_book.projects.refusal import Refusal

__all__ = ["CHECKPOINT", "WEIGHTS", "Trained", "read_weights", "shapes", "write_weights"]

CHECKPOINT, WEIGHTS = "checkpoint.safetensors", "weights.safetensors"
KIND_OF_WEIGHTS = "character_model"


class Trained(NamedTuple):
    """A model that can be used: what sampling, evaluation and looking inside need."""

    weights: dict[str, NDArray[np.float32]]
    """Under the names of the torch model."""
    settings: Settings
    vocabulary: Vocabulary
    record: dict[str, Any]
    """Updates, characters read, and the text it learned from."""


def shapes(size: int, settings: Settings) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of a model of K = `size` symbols."""
    rows = {"LSTM": 4, "GRU": 3}[settings.kind] * settings.hidden
    found: dict[str, tuple[int, ...]] = {"embedding.weight": (size, settings.embedding)}
    for layer in range(settings.layers):
        inputs = settings.hidden if layer else settings.embedding
        found[f"recurrent.weight_ih_l{layer}"] = (rows, inputs)
        found[f"recurrent.weight_hh_l{layer}"] = (rows, settings.hidden)
        found[f"recurrent.bias_ih_l{layer}"] = found[f"recurrent.bias_hh_l{layer}"] = (rows,)
    return found | {"linear.weight": (size, settings.hidden), "linear.bias": (size,)}


def write_weights(path: Path, trained: Trained) -> None:
    """Write weights for use: matrices in float16, half the size and as good."""
    arrays = {
        name: value.astype(np.float16) if value.ndim > 1 else value
        for name, value in trained.weights.items()
    }
    record = {
        **trained.record,
        "settings": vars(trained.settings),
        "symbols": trained.vocabulary.symbols,
    }
    storage.write(path, KIND_OF_WEIGHTS, arrays, record)


def read_weights(path: Path) -> Trained:
    """Read what `write_weights` wrote, in float32.

    Raises
    ------
    Refusal
        If there is no such file, or it holds something else.
    """
    arrays, record = storage.read(path, KIND_OF_WEIGHTS)
    settings, symbols = record.pop("settings", None), record.pop("symbols", None)
    if not isinstance(symbols, str):
        raise Refusal(f"the record in {path} has no symbols")
    trained = Trained(
        {name: value.astype(np.float32) for name, value in arrays.items()},
        Settings.from_record(settings),
        vocabulary_of(symbols),
        record,
    )
    check_shapes(path, arrays, shapes(len(trained.vocabulary), trained.settings))
    return trained


def vocabulary_of(symbols: str) -> Vocabulary:
    """The vocabulary of these symbols: the unknown one, then they."""
    return Vocabulary(symbols)


def check_shapes(
    path: Path, arrays: dict[str, NDArray], expected: dict[str, tuple[int, ...]]
) -> None:
    """Refuse arrays that are not those of the settings in the same file."""
    found = {name: value.shape for name, value in arrays.items()}
    for name, shape in expected.items():
        if found.get(name) != shape:
            raise Refusal(
                f"{path} should hold {name} of shape {shape}, and has {found.get(name, 'none')}"
            )
    if found.keys() != expected.keys():
        raise Refusal(f"{path} holds unknown tensors: {sorted(found.keys() - expected.keys())}")
