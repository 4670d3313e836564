"""Layers that are not recurrent: Linear, Embedding, LayerNorm, with weights from an `rng`."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_book.checks import check_size
from rnn_book.draws import Rng, initial_weights, spawn

__all__ = ["Embedding", "LayerNorm", "Linear", "as_dtype", "autocast", "fill", "transformed"]


def as_dtype(dtype: Any) -> torch.dtype | None:
    """A torch.dtype, also from its name, such as ``"float64"``; None stays None, torch's default.

    Raises
    ------
    TypeError
        If there is no such type, or it cannot hold weights.
    """
    if dtype is None:
        return None
    found = torch.float64 if dtype is float else dtype  # as torch itself reads Python's float
    if not isinstance(found, torch.dtype):
        found = getattr(torch, getattr(found, "__name__", str(found)), None)
    if not isinstance(found, torch.dtype) or not (found.is_floating_point or found.is_complex):
        raise TypeError(f"dtype must be a floating torch.dtype or its name, got {dtype!r}")
    return found


def autocast(x: torch.Tensor) -> bool:
    """Whether autocast chooses the types of products on this device."""
    kind = x.device.type
    return torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)


def transformed() -> bool:
    """Whether a transform of torch.func (vmap, grad, jvp) is at work, which needs the loop."""
    return torch._C._functorch.peek_interpreter_stack() is not None


def fill(module: torch.nn.Module, values: Mapping[str, NDArray]) -> None:
    """Copy drawn values into the parameters of those names, in their precision and device."""
    with torch.no_grad():
        for name, value in values.items():
            getattr(module, name).copy_(torch.from_numpy(value))


def _weight_rng(rng: Rng, sizes: Mapping[str, int]) -> np.random.Generator | None:
    """The generator of a module's weights, None for torch's own; sizes are checked before."""
    if rng is None:
        return None
    for name, size in sizes.items():
        check_size(name, size)
    return spawn(rng)[0]


class Linear(torch.nn.Linear):
    """y = x W^T + b: `torch.nn.Linear`, with an `rng` for the weights of `rnn_book.numpy.Linear`.

    Without it torch's global generator draws them, from the same interval. The name of a dtype will
    do.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        dtype = as_dtype(dtype)
        sizes = {"in_features": in_features, "out_features": out_features}
        self._weight_rng = _weight_rng(rng, sizes)
        super().__init__(in_features, out_features, bias, device, dtype)

    def reset_parameters(self) -> None:
        """Initialise the weights: those of the `rng`, the same each time, or else torch's draw."""
        if self._weight_rng is None:
            super().reset_parameters()
            return
        shapes = {name: tuple(p.shape) for name, p in self.named_parameters()}
        rng = copy.deepcopy(self._weight_rng)
        fill(self, initial_weights(rng, shapes, self.in_features**-0.5))


class Embedding(torch.nn.Embedding):
    """One learned vector for each symbol: `torch.nn.Embedding`, with an `rng` for the weights of
    `rnn_book.numpy.Embedding`; further options, ``padding_idx`` and so on, as in torch.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        rng: Rng = None,
        device: Any = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        options |= {"device": device, "dtype": as_dtype(dtype)}
        sizes = {"num_embeddings": num_embeddings, "embedding_dim": embedding_dim}
        self._weight_rng = _weight_rng(rng, sizes)
        super().__init__(num_embeddings, embedding_dim, **options)

    def reset_parameters(self) -> None:
        """Initialise the weights: those of the `rng`, the same each time, or else torch's draw."""
        if self._weight_rng is None:
            super().reset_parameters()
            return
        size = (self.num_embeddings, self.embedding_dim)
        fill(self, {"weight": copy.deepcopy(self._weight_rng).standard_normal(size)})
        self._fill_padding_idx_with_zero()


class LayerNorm(torch.nn.LayerNorm):
    """Normalise over the last axis, then scale and shift: `torch.nn.LayerNorm`, where the name of a
    dtype will do (Ba et al. 2016, arXiv 1607.06450).
    """

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, *, dtype: Any = None, **options: Any
    ) -> None:
        super().__init__(normalized_shape, eps, dtype=as_dtype(dtype), **options)
