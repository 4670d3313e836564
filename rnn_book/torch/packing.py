"""Sequences of several lengths as rows without padding, which is what torch's own kernels take."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

__all__ = ["Packing"]


class Packing:
    """Which rows of a padded batch are real, in the order of a PackedSequence.

    Sequences of length 0 have no row; torch's own packing rejects them. Rows are selected by their
    index, so what stands in the padding is never read, and its gradient is 0.

    Parameters
    ----------
    batch_sizes
        Number of sequences that are still running at each step, on the CPU.
    order
        Indices of the sequences (those without steps left out), from the longest to the shortest.
    steps, batch
        T and N of the padded batch.
    device
        Where the rows are.
    """

    def __init__(
        self, batch_sizes: Tensor, order: Tensor, steps: int, batch: int, device: Any
    ) -> None:
        self.batch_sizes, self.steps, self.batch = batch_sizes, steps, batch
        self.order = order.to(device)
        self._device = device
        self._rows: Tensor | None = None

    @classmethod
    def of_lengths(cls, lengths: np.ndarray, steps: int, device: Any) -> Packing:
        """The packing of sequences of these lengths, which need not be sorted."""
        order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
        longest = int(lengths.max(initial=0))
        sizes = (lengths[order] > np.arange(longest)[:, None]).sum(axis=1)
        return cls(torch.from_numpy(sizes), torch.from_numpy(order), steps, len(lengths), device)

    @classmethod
    def of_packed(cls, packed: PackedSequence) -> Packing:
        """The packing of a PackedSequence."""
        batch = int(packed.batch_sizes[0])
        order = packed.sorted_indices
        if order is None:
            order = torch.arange(batch)
        return cls(packed.batch_sizes, order, len(packed.batch_sizes), batch, packed.data.device)

    @property
    def lengths(self) -> np.ndarray:
        """Steps of each sequence, (N,)."""
        found = np.zeros(self.batch, np.int64)
        sizes = self.batch_sizes.numpy()
        found[self.order.cpu().numpy()] = (np.arange(len(self.order)) < sizes[:, None]).sum(axis=0)
        return found

    @property
    def rows(self) -> Tensor:
        """Index of every real row in the padded batch, flattened to (T*N, ...)."""
        if self._rows is None:
            order = self.order.cpu()
            steps = torch.arange(len(self.batch_sizes))[:, None]
            real = torch.arange(len(order)) < self.batch_sizes[:, None]
            self._rows = (steps * self.batch + order)[real].to(self._device)
        return self._rows

    def pack(self, x: Tensor) -> Tensor:
        """(T, N, F) -> (rows, F)."""
        return x.reshape(-1, x.shape[-1]).index_select(0, self.rows)

    def unpack(self, rows: Tensor) -> Tensor:
        """(rows, F) -> (T, N, F), 0 where nothing is."""
        padded = rows.new_zeros(self.steps * self.batch, rows.shape[-1])
        return padded.index_copy(0, self.rows, rows).view(self.steps, self.batch, -1)
