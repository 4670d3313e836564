"""How much of a gradient is left by lag, for any cell and by the path that it takes, and the factor
per step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["PATHS", "factor", "norms_by_lag", "norms_by_path", "norms_of_steps"]

FIRST, LAST = 10, 60  # lags between which the factor per step is read off

PATHS = ("all", "carry", "recurrent")
"""All ways back; through the carried state alone, gates held fixed; through the recurrent product
alone, with nothing carried. Ways that change from one to the other count in the first only."""


def norms_by_lag(layer: Any, inputs: Tensor, u: NDArray) -> NDArray:
    """As `rnn_book.gradient_by_lag`, by autograd, which knows any cell; (T+1,)."""

    def step(x_t: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        _, new = layer(x_t[None], state if len(state) > 1 else state[0])
        return new if isinstance(new, tuple) else (new,)

    shape = (1, inputs.shape[1], layer.hidden_size)
    return norms_of_steps(step, inputs, [shape] * len(layer.cell.states), u)


def norms_by_path(
    kind: str, weights: Mapping[str, NDArray], inputs: NDArray, u: NDArray, path: str
) -> NDArray:
    """Norm of the gradient by lag along one of the two ways from a state to the next; (T+1,).

    Parameters
    ----------
    kind
        ``"LSTM"``, ``"NoForgetGateLSTM"`` or ``"GRU"``.
    weights
        Of a layer, by the keys of its state dict.
    inputs
        (T, N, I).
    u
        (H,), the direction in which the last h is measured.
    path
        One of `PATHS`. The carried state is c in an LSTM, and z h in a GRU.
    """
    keys = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    w_ih, w_hh, b_ih, b_hh = (torch.from_numpy(weights[key]) for key in keys)
    cell = {"LSTM": _lstm, "NoForgetGateLSTM": _no_forget_gate, "GRU": _gru}[kind]

    def step(x_t: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        carried, h_rec = state[-1], state[0]
        if path == "carry":
            h_rec = h_rec.detach()
        if path == "recurrent":
            carried = carried.detach()
        return cell(x_t @ w_ih.T + b_ih, h_rec @ w_hh.T + b_hh, carried)

    shape = (inputs.shape[1], w_hh.shape[1])
    return norms_of_steps(step, torch.from_numpy(inputs), [shape] * (1 if kind == "GRU" else 2), u)


def _lstm(a_x: Tensor, a_h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
    a_i, a_f, a_g, a_o = (a_x + a_h).chunk(4, dim=-1)
    c = torch.sigmoid(a_f) * c + torch.sigmoid(a_i) * torch.tanh(a_g)
    return torch.sigmoid(a_o) * torch.tanh(c), c


def _no_forget_gate(a_x: Tensor, a_h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
    a_i, a_g, a_o = (a_x + a_h).chunk(3, dim=-1)
    c = c + torch.sigmoid(a_i) * torch.tanh(a_g)
    return torch.sigmoid(a_o) * torch.tanh(c), c


def _gru(a_x: Tensor, a_h: Tensor, h: Tensor) -> tuple[Tensor, ...]:
    (x_r, x_z, x_n), (h_r, h_z, h_n) = a_x.chunk(3, dim=-1), a_h.chunk(3, dim=-1)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
    return ((1 - z) * n + z * h,)


def norms_of_steps(
    step: Callable[[Tensor, tuple[Tensor, ...]], tuple[Tensor, ...]],
    inputs: Tensor,
    shapes: list[tuple[int, ...]],
    u: NDArray,
) -> NDArray:
    """Norms by lag of any step function, x_t and state -> new state; (T+1,).

    Parameters
    ----------
    step
        The state begins with h, and each of its parts is a copy with a gradient of its own.
    inputs
        (T, N, I).
    shapes
        Of the parts of the state.
    u
        (H,).
    """
    state = tuple(torch.zeros(shape, dtype=inputs.dtype) for shape in shapes)
    entered = []
    for x_t in inputs:
        # Copies, so that each state has a gradient of its own, as what enters the next step.
        state = tuple(part.clone().requires_grad_() for part in state)
        entered.append(state)
        state = step(x_t, state)
    target = (state[0] @ torch.from_numpy(u)).sum()
    parts = [part for parts in entered for part in parts]
    gradients = torch.autograd.grad(target, parts, allow_unused=True, materialize_grads=True)
    squares = torch.stack([g.square().sum(-1).mean() for g in gradients])
    norms = squares.reshape(len(entered), -1).sum(1).sqrt().flip(0)
    return np.concatenate([[1.0], norms.numpy()])


def factor(norms: NDArray) -> float:
    """By how much the norm is multiplied at each step: slope of its logarithm over the lag."""
    last = min(LAST, len(norms) - 1)
    lags = np.arange(FIRST, last + 1)
    return float(np.exp(np.polyfit(lags, np.log(norms[lags]), 1)[0]))
