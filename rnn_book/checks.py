"""Checks of arguments that both halves of the package share: one wording, before anything is
computed.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

__all__ = ["as_array", "check_lengths", "check_probability", "check_size"]


def as_array(name: str, value: Any) -> np.ndarray:
    """A plain array of `value`, maybe a tensor of any device; nothing is copied without need.

    A masked array, or a list of such, is refused: NumPy would drop the mask without a word.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if type(value) is np.ndarray:
        return value
    parts = value if isinstance(value, tuple | list) else (value,)
    if any(isinstance(part, np.ma.MaskedArray) for part in parts):
        raise TypeError(
            f"{name} must be a plain array, got a masked one, whose mask would be ignored: replace "
            f"what is masked, as with {name}.filled(0); for sequences of several lengths there is "
            "the argument lengths"
        )
    return np.asarray(value)


def check_probability(name: str, value: Any) -> float:
    """Return `value`, a number from 0 to 1, as a float."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 <= float(value) <= 1:
        raise ValueError(f"{name} must be a probability, a number from 0 to 1, got {value!r}")
    return float(value)


def check_size(name: str, value: Any, smallest: int = 1) -> int:
    """Return `value`, an integer of at least `smallest`, as an int."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} should be of type int, got: {type(value).__name__}")
    if value < smallest:
        least = "greater than zero" if smallest == 1 else f"at least {smallest}"
        raise ValueError(f"{name} must be {least}, got {value}")
    return int(value)


def check_lengths(lengths: Any, batch: int, steps: int) -> np.ndarray:
    """Return lengths, integers (N,) from 0 to T, as an array; `batch` and `steps` are N and T."""
    array = as_array("lengths", lengths)
    if array.size == 0 and not hasattr(lengths, "dtype"):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise ValueError(f"lengths must be integers, got values of type {array.dtype}")
    if array.shape != (batch,):
        raise ValueError(
            f"lengths must have one entry a sequence, shape ({batch},), got shape {array.shape}"
        )
    if batch and (array.min() < 0 or array.max() > steps):
        raise ValueError(
            f"lengths must lie between 0 and the number of steps, {steps}, got {array.tolist()}"
        )
    return array.astype(np.int64)
