"""Files of tensors with a record beside them, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.projects.refusal import Refusal
from rnn_book.records import write_whole

__all__ = ["read", "write"]


def write(path: Path, kind: str, arrays: Mapping[str, NDArray], record: Mapping[str, Any]) -> None:
    """Write a safetensors file whose metadata holds a record, as JSON, under the name `kind`."""
    library = _safetensors()
    named = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    write_whole(path, library.numpy.save(named, {kind: json.dumps(record)}))


def read(path: Path, kind: str) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Arrays and record of a file that `write` wrote.

    Raises
    ------
    Refusal
        If there is no such file, it is not whole, or another kind of file.
    """
    library = _safetensors()
    if not path.is_file():
        raise Refusal(f"there is no file {path}")
    try:
        # Read into memory, not mapped: a run goes on after its own checkpoint is replaced.
        with library.safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - no mapping
    except library.SafetensorError as error:
        raise Refusal(f"{path} is no whole safetensors file: {error}") from error
    if kind not in metadata:
        raise Refusal(f"{path} holds tensors, but no {kind} that this program wrote")
    try:
        record = json.loads(metadata[kind])
    except ValueError as error:
        raise Refusal(f"the record in {path} cannot be read: {error}") from error
    return arrays, record


def _safetensors() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise Refusal("safetensors is missing: pip install 'rnn-book[files]'") from error
    return safetensors
