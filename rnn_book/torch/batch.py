"""The input of a layer in one layout, whatever form it came in: padded, packed, or one sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_book.checks import check_lengths

__all__ = ["Batch", "Packing"]


class Batch:
    """The checked input of a layer: x (T, N, I), states (D*L, N, H), and where sequences end.

    Parameters
    ----------
    layer
        The layer, which knows what it takes.
    x, hx, lengths
        As for a call of the layer.
    """

    def __init__(self, layer: Any, x: Any, hx: Any, lengths: Any) -> None:
        self.layer, self.packed = layer, None
        self.packing: Packing | None = None
        if isinstance(x, PackedSequence):
            if lengths is not None:
                raise ValueError(
                    "lengths and a PackedSequence exclude each other: it holds the lengths already"
                )
            layer._check_features(x.data)
            self.packed, self.packing, self.batched = x, Packing.of_packed(x), True
            self.x = x.data
            self.steps, self.size = self.packing.steps, self.packing.batch
        else:
            layer._check_rank(x, (2, 3))
            layer._check_features(x)
            self.batched = x.dim() == 3
            self.x = self.inward(x)
            self.steps, self.size = self.x.shape[:2]
        self.device = self.x.device
        if self.steps == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        count = layer.num_layers * layer.directions
        shape = (self.size,) if self.batched else ()
        self.state_shape = (count, *shape, layer.hidden_size)
        states = layer._check_states(hx, self.state_shape, self.x)
        self.states = [s.reshape(count, self.size, layer.hidden_size) for s in states]
        if lengths is not None:
            if not self.batched:
                raise ValueError(
                    "lengths are for a batch (3D input), got 2D input: cut the sequence instead"
                )
            lengths = check_lengths(lengths, self.size, self.steps)
            self.packing = Packing.of_lengths(lengths, self.steps, self.device)
        # For the loop alone, see `padded`:
        self.lengths: Tensor | None = None
        self.active: Tensor | None = None

    def inward(self, x: Tensor) -> Tensor:
        """From the caller's layout to (T, N, F)."""
        if not self.batched:
            return x[:, None]
        return x.transpose(0, 1) if self.layer.batch_first else x

    def outward(self, x: Tensor, states: Sequence[Tensor]) -> tuple[Any, Any]:
        """Output (T, N, F), or the rows of a PackedSequence, and states in the caller's form."""
        states = [s.reshape(self.state_shape) for s in states]
        state = states[0] if len(states) == 1 else tuple(states)
        if self.packed is not None:
            return PackedSequence(x, *self.packed[1:]), state
        if not self.batched:
            return x[:, 0], state
        return x.transpose(0, 1) if self.layer.batch_first else x, state

    def padded(self) -> Tensor:
        """The input (T, N, I), 0 where padding stands, and `active`, (T, N, 1), False there."""
        packing = self.packing
        if packing is None:
            return self.x
        self.lengths = torch.from_numpy(packing.lengths).to(self.device)
        steps = torch.arange(self.steps, device=self.device)[:, None]
        self.active = (steps < self.lengths)[..., None]
        x = self.x
        return packing.unpack(x) if self.packed is not None else x.masked_fill(~self.active, 0)

    def reverse(self, x: Tensor) -> Tensor:
        """Reverse each sequence from its own last step to its first; padding stays where it is."""
        if self.lengths is None:
            return x.flip(0)
        steps = torch.arange(self.steps, device=self.device)[:, None]
        index = torch.where(steps < self.lengths, self.lengths - 1 - steps, steps)
        return x.gather(0, index[..., None].expand(-1, -1, x.shape[-1]))

    def in_time(self, x: Tensor, backwards: bool) -> Tensor:
        """What a sweep made, (T, N, F), in the order of time, 0 beyond the end of a sequence."""
        if self.active is not None:
            x = x.masked_fill(~self.active, 0)
        return self.reverse(x) if backwards else x


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
    steps
        T of the padded batch.
    batch
        N, the sequences.
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
