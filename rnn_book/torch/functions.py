"""Squashing functions and losses; their gradients are autograd's."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = [
    "cross_entropy",
    "log_softmax",
    "mean_squared_error",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + exp(-x)), elementwise."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """Hyperbolic tangent, elementwise."""
    return torch.tanh(x)


def relu(x: Tensor) -> Tensor:
    """max(x, 0), elementwise."""
    return torch.relu(x)


def log_softmax(x: Tensor) -> Tensor:
    """Logarithm of `softmax` over the last axis."""
    return torch.log_softmax(x, dim=-1)


def softmax(x: Tensor) -> Tensor:
    """exp(x) / sum(exp(x)) over the last axis."""
    return torch.softmax(x, dim=-1)


def cross_entropy(logits: Tensor, targets: Any, mask: Any = None) -> Tensor:
    """Mean of -log softmax(logits)[target], in nats: `rnn_book.numpy.cross_entropy`, as a tensor
    without axes.
    """
    targets = torch.as_tensor(targets, device=logits.device)
    if targets.is_floating_point() or targets.is_complex() or targets.dtype == torch.bool:
        raise ValueError(f"targets must be class indices, integers, got {targets.dtype}")
    if logits.ndim != targets.ndim + 1 or logits.shape[:-1] != targets.shape:
        raise ValueError(
            "targets must have the shape of logits without the last axis, "
            f"{tuple(logits.shape[:-1])}, got {tuple(targets.shape)}"
        )
    counts = _check_mask(mask, targets)
    logits, targets = logits[counts], targets[counts].long()
    wrong = targets[(targets < 0) | (targets >= logits.shape[-1])]
    if len(wrong):
        raise ValueError(
            f"targets must lie between 0 and {logits.shape[-1] - 1}, got {wrong[0].item()}"
        )
    return torch.nn.functional.cross_entropy(logits, targets)


def mean_squared_error(prediction: Tensor, target: Any, mask: Any = None) -> Tensor:
    """Mean of (prediction - target)^2 over the positions that count:
    `rnn_book.numpy.mean_squared_error`, as a tensor without axes.
    """
    if not prediction.is_floating_point():
        prediction = prediction.double()  # else the target would be cut to integers
    target = torch.as_tensor(target, dtype=prediction.dtype, device=prediction.device)
    if prediction.shape != target.shape:
        raise ValueError(
            f"target must have the prediction's shape, {tuple(prediction.shape)}, "
            f"got {tuple(target.shape)}"
        )
    counts = _check_mask(mask, prediction)
    error = prediction[counts] - target[counts]
    return (error * error).mean()


def _check_mask(mask: Any, like: Tensor) -> Tensor:
    if mask is None:
        mask = torch.ones(like.shape, dtype=torch.bool, device=like.device)
    mask = torch.as_tensor(mask, device=like.device)
    if mask.dtype != torch.bool or mask.shape != like.shape:
        raise ValueError(
            f"mask must be boolean of shape {tuple(like.shape)}, "
            f"got {mask.dtype} of shape {tuple(mask.shape)}"
        )
    if not mask.any():
        raise ValueError("mask must let at least one position count, got none")
    return mask
