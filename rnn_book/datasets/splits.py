"""Splitting a labelled set so that each part has every class in the same proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnn_book.draws import Rng, generator

__all__ = ["stratified"]


def stratified(labels: NDArray[np.integer], rng: Rng) -> tuple[NDArray[np.int64], ...]:
    """Indices of a training (70 %), a validation (15 %) and a test part (15 %) of each class.

    Each part is in the order of its classes: shuffle before cutting batches.
    """
    order = generator(rng).permutation(len(labels))
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for label in np.unique(labels):
        own = order[labels[order] == label].tolist()
        first, second = round(0.7 * len(own)), round(0.85 * len(own))
        for part, chosen in zip(parts, (own[:first], own[first:second], own[second:]), strict=True):
            part += chosen
    return tuple(np.array(part, np.int64) for part in parts)
