"""How much of a gradient is left by lag, for any cell, and the factor per step."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["factor", "norms_by_lag"]

FIRST, LAST = 10, 60  # lags between which the factor per step is read off


def norms_by_lag(layer: Any, inputs: Tensor, u: NDArray) -> NDArray:
    """As `rnn_book.gradient_by_lag`, by autograd, which knows any cell; (T+1,)."""
    shape = (1, inputs.shape[1], layer.hidden_size)
    state = tuple(torch.zeros(shape, dtype=inputs.dtype) for _ in layer.cell.states)
    entered = []
    for x_t in inputs:
        # Copies, so that each state has a gradient of its own, as what enters the next step.
        state = tuple(part.clone().requires_grad_() for part in state)
        entered.append(state)
        _, new = layer(x_t[None], state if len(state) > 1 else state[0])
        state = new if isinstance(new, tuple) else (new,)
    target = (state[0] @ torch.from_numpy(u)).sum()
    gradients = torch.autograd.grad(target, [part for parts in entered for part in parts])
    squares = torch.stack([g.square().sum(-1).mean() for g in gradients])
    norms = squares.reshape(len(entered), -1).sum(1).sqrt().flip(0)
    return np.concatenate([[1.0], norms.numpy()])


def factor(norms: NDArray) -> float:
    """By how much the norm is multiplied at each step: slope of its logarithm over the lag."""
    last = min(LAST, len(norms) - 1)
    lags = np.arange(FIRST, last + 1)
    return float(np.exp(np.polyfit(lags, np.log(norms[lags]), 1)[0]))
