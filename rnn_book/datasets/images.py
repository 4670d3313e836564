"""Handwritten digits as sequences, from scikit-learn."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnn_book.datasets.splits import stratified
from rnn_book.draws import Rng

__all__ = ["Digits", "digits"]

_READINGS = {"rows": (8, 8), "pixels": (64, 1)}


@dataclass(frozen=True)
class Digits:
    """Images read step by step, in three parts: pairs of inputs (T, N, F) and targets (N,)."""

    train: tuple[NDArray[np.floating], NDArray[np.int64]] = field(repr=False)
    validation: tuple[NDArray[np.floating], NDArray[np.int64]] = field(repr=False)
    test: tuple[NDArray[np.floating], NDArray[np.int64]] = field(repr=False)
    report: dict[str, int]
    """Numbers of images, steps and features."""
    sha256: str
    """Hash of images and labels as loaded."""

    @property
    def provenance(self) -> dict[str, Any]:
        """What to write into a result."""
        return {"name": "digits", "images": self.report["images"], "sha256": self.sha256}


def digits(*, read: str = "rows", rng: Rng = 0, dtype: DTypeLike = np.float64) -> Digits:
    """Handwritten digits, 8 x 8 pixels: the test set of Alpaydin & Kaynak (1998), UCI, CC BY 4.0.

    Parameters
    ----------
    read
        ``"rows"``: 8 steps of 8 pixels, from the top; ``"pixels"``: 64 steps of one, row by row.
    rng
        Seed or generator of the split: 70 % training, 15 % validation, 15 % test, of every digit.
    dtype
        Of the inputs.

    Returns
    -------
    Digits
        Grey levels from 0 to 1, 1,797 images.

    Raises
    ------
    ValueError
        If `read` is neither.
    ModuleNotFoundError
        If scikit-learn is not installed.
    """
    if read not in _READINGS:
        raise ValueError(f"read must be 'rows' or 'pixels', got {read!r}")
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "digits come with scikit-learn, which is not installed: "
            "pip install 'rnn-book[experiments]'",
            name=error.name,
        ) from error
    images, labels = load_digits(return_X_y=True)
    labels = labels.astype(np.int64)
    raw = images.astype("<f8").tobytes() + labels.astype("<i8").tobytes()
    steps, features = _READINGS[read]
    inputs = (images / 16).reshape(-1, steps, features).swapaxes(0, 1).astype(dtype)
    train, validation, test = ((inputs[:, part], labels[part]) for part in stratified(labels, rng))
    report = {
        "images": len(labels),
        "steps": steps,
        "features": features,
        "train": len(train[1]),
        "validation": len(validation[1]),
        "test": len(test[1]),
    }
    return Digits(train, validation, test, report, hashlib.sha256(raw).hexdigest())
