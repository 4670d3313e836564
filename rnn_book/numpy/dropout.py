"""Dropout on sequences: a mask for every entry, or one mask for the whole sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rnn_book.checks import check_probability
from rnn_book.draws import Rng, scaled_mask, spawn
from rnn_book.numpy.functions import Array
from rnn_book.numpy.modules import Module, check_dtype

__all__ = ["Dropout", "LockedDropout"]


class Dropout(Module):
    """Set each entry to 0 with probability p and scale the others by 1/(1-p), in training.

    Parameters
    ----------
    p
        Probability of dropping an entry.
    rng
        Seed or generator for the masks.
    dtype
        float32 (default) or float64.

    Attributes
    ----------
    last_mask : ndarray or None
        Mask of the latest forward, read-only; None in evaluation.
    """

    def __init__(self, p: float = 0.5, *, rng: Rng = None, dtype: Any = None) -> None:
        super().__init__()
        self.p = check_probability("p", p)
        self.dtype = check_dtype(dtype)
        self._mask_rng = spawn(rng)[1]
        self.last_mask: Array | None = None

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def __call__(self, x: ArrayLike) -> Array:
        """Mask x, of any shape."""
        x = self._check_float("input", x)
        size = self._mask_shape(x.shape)
        mask = self.last_mask = None
        if self.training and self.p > 0:
            uniform = self._mask_rng.random(size, dtype=np.float32)
            mask = scaled_mask(uniform, lambda keep: keep.astype(self.dtype), self.p)
            mask.setflags(write=False)
            self.last_mask = mask.view()  # which cannot be made writeable: backward needs it
        self._saved = x.shape, mask
        return x.copy() if mask is None else x * mask

    def backward(self, d_output: ArrayLike) -> Array:
        """Gradient of x: through the mask of the latest forward."""
        shape, mask = self._latest()
        d_output = self._check_gradient("d_output", d_output, shape)
        self._saved = None
        return np.array(d_output) if mask is None else d_output * mask


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
