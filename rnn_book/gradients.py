"""Gradients under test: against finite differences, and over time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.draws import Rng, generator
from rnn_book.gates import tracer

__all__ = ["check_gradient", "check_layer", "gradient_by_lag"]

Array = NDArray[np.floating]


def check_gradient(
    function: Callable[[Array], float],
    gradient: Array,
    point: Array,
    *,
    rng: Rng = 0,
    eps: float = 1e-6,
) -> tuple[float, float]:
    """The slope of a function along one random direction, twice: from differences, and from its
    gradient.

    Parameters
    ----------
    function
        Maps an array to a number.
    gradient
        Its gradient at `point`, to be checked.
    point
        float64 array; never written to.
    rng
        Seed or generator of the direction.
    eps
        Half the distance of the two points that are compared.

    Returns
    -------
    numerical, analytical
        Central difference, and gradient times direction. They agree to about eps^2 plus 1e-16/eps.

    Raises
    ------
    ValueError
        If `point` is not float64, in which the difference would be lost in rounding, or shapes
        differ.
    """
    point, gradient = np.asarray(point), np.asarray(gradient)
    if point.dtype != np.float64:
        raise ValueError(f"point must be float64, got {point.dtype}")
    if gradient.shape != point.shape:
        raise ValueError(
            f"gradient must have the shape of point, {point.shape}, got {gradient.shape}"
        )
    direction = generator(rng).standard_normal(point.shape)
    direction /= max(float(np.linalg.norm(direction)), 1e-300)
    up, down = function(point + eps * direction), function(point - eps * direction)
    return (up - down) / (2 * eps), float(np.vdot(gradient, direction))


def check_layer(
    layer: Any, x: Array, hx: Any = None, *, lengths: Any = None, rng: Rng = 0, eps: float = 1e-6
) -> dict[str, tuple[float, float]]:
    """Check every gradient of a NumPy layer in its present mode, through one set of masks.

    The loss is a fixed random sum over the output and the final state, so that gradients arrive on
    both.

    Parameters
    ----------
    layer
        A float64 layer of `rnn_book.numpy`. Its weights, gradients and generator are left as they
        were.
    x, hx, lengths
        As for a call of the layer.
    rng
        Seed or generator of the loss and of the directions.
    eps
        As for `check_gradient`.

    Returns
    -------
    dict
        ``"x"``, ``"hx[0]"`` ... and every parameter -> (numerical, analytical).
    """
    if layer.dtype != np.float64:
        raise ValueError(f"layer must be float64, got {layer.dtype}")
    rng = generator(rng)
    masks, kept = layer._mask_rng.bit_generator.state, {k: g.copy() for k, g in layer.grads.items()}
    if hx is None:
        hx = layer._as_state([np.zeros_like(s) for s in _states(layer(x, lengths=lengths)[1])])
    names = [f"hx[{k}]" for k in range(len(layer.cell.states))]
    here = {"x": x, **dict(zip(names, _states(hx), strict=True)), **layer.state_dict()}

    def forward(point: dict[str, Array]) -> list[Array]:
        for name, parameter in layer.parameters.items():
            parameter[...] = point[name]
        layer._mask_rng.bit_generator.state = masks
        states = layer._as_state([point[name] for name in names])
        output, state = layer(point["x"], states, lengths=lengths)
        return [output, *_states(state)]

    def loss_at(name: str, value: Array) -> float:
        return float(sum(map(np.vdot, weights, forward(here | {name: value}))))

    weights = [rng.standard_normal(part.shape) for part in forward(here)]
    layer.zero_grad()
    d_x, d_hx = layer.backward(weights[0], layer._as_state(weights[1:]))
    grads = {"x": d_x, **dict(zip(names, _states(d_hx), strict=True)), **layer.grads}
    grads = {name: d.copy() for name, d in grads.items()}
    found = {}
    for name, value in here.items():
        along = functools.partial(loss_at, name)
        found[name] = check_gradient(along, grads[name], value, rng=rng, eps=eps)
    for name, gradient in kept.items():
        layer.parameters[name][...] = here[name]
        layer.grads[name][...] = gradient
    layer._mask_rng.bit_generator.state = masks
    return found


def _states(state: Any) -> list[Array]:
    return list(state) if isinstance(state, tuple | list) else [state]


def gradient_by_lag(layer: Any, x: Any, rng: Rng = None) -> Array:
    """How much of a signal survives: the gradient of the last state with respect to the state k
    steps before.

    Parameters
    ----------
    layer
        A layer of `rnn_book.numpy` or `rnn_book.torch`, or a `torch.nn.RNN`, `LSTM` or `GRU`, with
        one layer and one direction. It runs in evaluation and is not changed.
    x
        Input as the layer takes it.
    rng
        Seed or generator of the direction u.

    Returns
    -------
    ndarray
        (T+1,), indexed by the lag k: root mean square over the batch of the norm of d(u . h_T) / d
        s_{T-k}, where u is a random unit vector and s the whole state (h, or h and c joined).
        Entry 0 is 1.

    Raises
    ------
    ValueError
        For several layers, or two directions.
    """
    return tracer(layer).lag_norms(layer, x, rng)
