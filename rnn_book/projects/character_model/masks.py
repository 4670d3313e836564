"""Dropout that depends on the number of the update alone, and of which each process has its share.

The layers of `rnn_book.torch` draw their masks from a generator that they are given. This one
starts anew at every update, so a run that goes on from a checkpoint drops what it would have
dropped. And it draws the numbers of the whole batch and hands out the columns of one part, so that
two processes, or two parts of a batch one after the other, drop together what one would have
dropped alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Columns", "Masks"]


class Columns:
    """Which columns of a batch are at work: `begin` to `end` of `whole`."""

    def __init__(self) -> None:
        self.begin, self.end, self.whole = 0, 1, 1

    def widened(self, size: tuple[int, ...]) -> bool:
        """Whether numbers of this shape belong to columns of the batch: (..., N, H)."""
        return len(size) >= 2 and size[-2] == self.end - self.begin != self.whole


class Masks(np.random.Generator):
    """A generator whose children can be set to an update and a share of the batch."""

    columns: Columns
    children: list[Masks]

    @classmethod
    def seeded(cls, seed: int) -> Masks:
        """The parent, to be given to layers as their `rng`."""
        root = cls(np.random.PCG64(seed))
        root.columns, root.children = Columns(), []
        return root

    def spawn(self, n_children: int) -> list[Masks]:  # type: ignore[override]  # a narrower list
        """Children that this generator remembers."""
        found = [type(self)(bits) for bits in self.bit_generator.spawn(n_children)]
        for child in found:
            child.columns, child.children = self.columns, self.children
        self.children += found
        return found

    def start(self, seed: int, update: int, begin: int, end: int, whole: int) -> None:
        """Set every child to its beginning for an update, and to columns of the batch."""
        self.columns.begin, self.columns.end, self.columns.whole = begin, end, whole
        for number, child in enumerate(self.children):
            sequence = np.random.SeedSequence([seed, update, number])
            child.bit_generator.state = np.random.PCG64(sequence).state

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Numbers in [0, 1): the columns at work, of those of the whole batch."""
        columns = self.columns
        if isinstance(size, tuple) and columns.widened(size):
            wide = (*size[:-2], columns.whole, size[-1])
            numbers = super().random(wide, dtype=dtype)
            return np.ascontiguousarray(numbers[..., columns.begin : columns.end, :])
        return super().random(size, dtype=dtype, out=out)
