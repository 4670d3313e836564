"""Dropout on sequences: a mask for every entry, or one mask for the whole sequence."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnn_book.checks import check_probability
from rnn_book.draws import Rng, scaled_mask, spawn
from rnn_book.torch.masks import MaskModule
from rnn_book.torch.modules import as_dtype

__all__ = ["Dropout", "LockedDropout"]


class Dropout(MaskModule, torch.nn.Dropout):
    """Set each entry to 0 with probability p and scale the others by 1/(1-p), in training.

    `p` and `last_mask` are those of `rnn_book.numpy.Dropout`.

    Parameters
    ----------
    rng
        Seed or generator for the masks, the same as in `rnn_book.numpy`; None draws from torch's
        generator.
    dtype
        If given, input must be of this type; without it, any will do.
    """

    def __init__(self, p: float = 0.5, *, rng: Rng = None, dtype: Any = None) -> None:
        super().__init__(check_probability("p", p))
        self.dtype = as_dtype(dtype)
        self._mask_rng = None if rng is None else spawn(rng)[1]
        self.last_mask: Tensor | None = None

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def forward(self, input: Tensor) -> Tensor:
        """Mask the input, of any shape."""
        if self.dtype is not None and input.dtype != self.dtype:
            raise ValueError(f"input dtype ({input.dtype}) does not match dtype ({self.dtype})")
        size = self._mask_shape(tuple(input.shape))
        self.last_mask = None
        if self.training and self.p > 0:
            with self._masks():
                uniform = self._uniform(size, input.device)
            self.last_mask = scaled_mask(uniform, lambda keep: keep.to(input.dtype), self.p)
        return input.clone() if self.last_mask is None else input * self.last_mask


class LockedDropout(Dropout):
    """Dropout with one mask for all steps of a sequence (Gal & Ghahramani 2016, arXiv 1512.05287).

    Input is (T, N, F), or (N, T, F) with `batch_first`; the mask has one step.
    """

    def __init__(
        self, p: float = 0.5, batch_first: bool = False, *, rng: Rng = None, dtype: Any = None
    ) -> None:
        super().__init__(p, rng=rng, dtype=dtype)
        self.batch_first = bool(batch_first)

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if len(shape) != 3:
            raise ValueError(f"{type(self).__name__}: Expected input to be 3D, got {len(shape)}D")
        return (shape[0], 1, shape[2]) if self.batch_first else (1, *shape[1:])
