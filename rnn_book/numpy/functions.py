"""Squashing functions and losses, each beside its gradient."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnn_book.checks import as_array

__all__ = [
    "Array",
    "cross_entropy",
    "cross_entropy_gradient",
    "log_softmax",
    "mean_squared_error",
    "mean_squared_error_gradient",
    "relu",
    "relu_gradient",
    "sigmoid",
    "sigmoid_gradient",
    "softmax",
    "tanh",
    "tanh_gradient",
]

Array = NDArray[np.floating]


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), elementwise, without overflow: it is a tanh, halved and shifted."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def sigmoid_gradient(y: Array) -> Array:
    """Derivative of `sigmoid`, from its output y."""
    return y * (1 - y)


def tanh(x: Array) -> Array:
    """Hyperbolic tangent, elementwise."""
    return np.tanh(x)


def tanh_gradient(y: Array) -> Array:
    """Derivative of `tanh`, from its output y."""
    return 1 - y * y


def relu(x: Array) -> Array:
    """max(x, 0), elementwise."""
    return np.maximum(x, 0)


def relu_gradient(y: Array) -> Array:
    """Derivative of `relu`, from its output y; 0 at 0, as in torch."""
    return (y > 0).astype(y.dtype)


def log_softmax(x: Array) -> Array:
    """Logarithm of `softmax` over the last axis."""
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax(x: Array) -> Array:
    """exp(x) / sum(exp(x)) over the last axis, without overflow."""
    return np.exp(log_softmax(x))


def cross_entropy(logits: Array, targets: ArrayLike, mask: ArrayLike | None = None) -> float:
    """Mean of -log softmax(logits)[target], in nats.

    Parameters
    ----------
    logits
        Scores (..., K), K classes on the last axis.
    targets
        Class indices (...), integers from 0 to K - 1.
    mask
        Booleans (...): positions that count; without it all do. What stands elsewhere, NaN
        included, has no influence.

    Raises
    ------
    ValueError
        If shapes do not fit, a target that counts is no class, or no position counts.
    """
    logits, targets, counts = _check_targets(logits, targets, mask)
    log_p = log_softmax(logits)
    picked = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    return float(-np.where(counts, picked, 0).sum() / counts.sum())


def cross_entropy_gradient(
    logits: Array, targets: ArrayLike, mask: ArrayLike | None = None
) -> Array:
    """Gradient of `cross_entropy` with respect to the logits: softmax minus one-hot, over the
    count; (..., K).
    """
    logits, targets, counts = _check_targets(logits, targets, mask)
    d_logits = softmax(logits)
    hit = np.take_along_axis(d_logits, targets[..., None], axis=-1)
    np.put_along_axis(d_logits, targets[..., None], hit - 1, axis=-1)
    d_logits /= counts.sum(dtype=logits.dtype)
    return np.where(counts[..., None], d_logits, 0)


def mean_squared_error(
    prediction: Array, target: ArrayLike, mask: ArrayLike | None = None
) -> float:
    """Mean of (prediction - target)^2 over the positions that count.

    Parameters
    ----------
    prediction, target
        Arrays of one shape.
    mask
        Booleans of that shape: positions that count; without it all do.

    Raises
    ------
    ValueError
        If shapes differ (nothing is broadcast), or no position counts.
    """
    prediction, target, counts = _check_values(prediction, target, mask)
    error = np.where(counts, prediction - target, 0)
    return float((error * error).sum() / counts.sum())


def mean_squared_error_gradient(
    prediction: Array, target: ArrayLike, mask: ArrayLike | None = None
) -> Array:
    """Gradient of `mean_squared_error` with respect to the prediction, of its shape."""
    prediction, target, counts = _check_values(prediction, target, mask)
    error = np.where(counts, prediction - target, 0)
    return error * (2 / counts.sum(dtype=error.dtype))


def _check_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if mask is None:
        mask = np.ones(shape, bool)
    mask = as_array("mask", mask)
    if mask.dtype != bool or mask.shape != shape:
        raise ValueError(
            f"mask must be boolean of shape {shape}, got {mask.dtype} of shape {mask.shape}"
        )
    if not mask.any():
        raise ValueError("mask must let at least one position count, got none")
    return mask


def _check_targets(
    logits: Array, targets: ArrayLike, mask: ArrayLike | None
) -> tuple[Array, NDArray, NDArray]:
    logits, targets = as_array("logits", logits), as_array("targets", targets)
    if targets.dtype.kind not in "iu":
        raise ValueError(f"targets must be class indices, integers, got {targets.dtype}")
    if logits.ndim != targets.ndim + 1 or logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"targets must have the shape of logits without the last axis, {logits.shape[:-1]}, "
            f"got {targets.shape}"
        )
    counts = _check_mask(mask, targets.shape)
    wrong = counts & ((targets < 0) | (targets >= logits.shape[-1]))
    if wrong.any():
        raise ValueError(
            f"targets must lie between 0 and {logits.shape[-1] - 1}, got {targets[wrong][0]}"
        )
    # A position that does not count gets harmless values, so that nothing that stands there is
    # ever computed with.
    logits = np.where(counts[..., None], logits, 0)
    return logits, np.where(counts, targets, 0).astype(np.intp), counts


def _check_values(
    prediction: Array, target: ArrayLike, mask: ArrayLike | None
) -> tuple[Array, NDArray, NDArray]:
    prediction, target = as_array("prediction", prediction), as_array("target", target)
    if prediction.shape != target.shape:
        raise ValueError(
            f"target must have the prediction's shape, {prediction.shape}, got {target.shape}"
        )
    counts = _check_mask(mask, prediction.shape)
    if prediction.dtype.kind != "f":
        prediction = prediction.astype(np.float64)  # else the target would be cut to integers
    return prediction, np.where(counts, target, 0).astype(prediction.dtype), counts
