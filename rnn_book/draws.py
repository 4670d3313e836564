"""Everything random: initial weights and masks, drawn once for both halves of the package.

NumPy only. The NumPy half uses the arrays as they are, the PyTorch half moves them to its device,
so that one seed gives the same weights and the same masks in both. Every draw is made in a fixed
order and in a fixed precision, so that a float32 layer and a float64 layer of one seed differ by
rounding alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["Rng", "draw_masks", "generator", "initial_weights", "scaled_mask", "spawn"]

Rng = int | np.random.Generator | None
"""What an ``rng`` argument may be: a seed, a generator, or None (a seed from the operating
system)."""


def generator(rng: Rng) -> np.random.Generator:
    """Turn an ``rng`` argument into a generator; a generator is passed through.

    Raises
    ------
    TypeError
        If `rng` is neither None, a non-negative integer nor a ``numpy.random.Generator``.
    """
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise TypeError(
            f"rng must be None, a seed (an integer >= 0) or a numpy.random.Generator, got {rng!r}"
        )
    return np.random.default_rng(rng)


def spawn(rng: Rng) -> tuple[np.random.Generator, np.random.Generator]:
    """Two child generators of `rng`: the first for weights, the second for masks.

    A generator that is shared by the modules of one model gives each of them children of its own.
    """
    weights, masks = generator(rng).spawn(2)
    return weights, masks


def initial_weights(
    rng: np.random.Generator,
    shapes: Mapping[str, tuple[int, ...]],
    bound: float,
    constants: Mapping[str, float] | None = None,
) -> dict[str, np.ndarray]:
    """Weights uniform in [-bound, bound), float64, drawn in the order of `shapes`.

    Parameters
    ----------
    rng
        Generator for weights.
    shapes
        State-dict key -> shape, in state-dict order.
    bound
        Half the width of the interval; torch.nn's recurrent layers use 1/sqrt(hidden_size).
    constants
        Key -> value for arrays that start at a constant (a gain at 1); nothing is drawn for them.
    """
    constants = constants or {}
    return {
        name: np.full(shape, constants[name])
        if name in constants
        else rng.uniform(-bound, bound, shape)
        for name, shape in shapes.items()
    }


def scaled_mask(uniform: Any, cast: Callable[[Any], Any], p: float) -> Any:
    """A dropout mask, from numbers in [0, 1): 0 with probability p, else 1/(1-p). ``p = 1`` gives
    zeros, without a division.
    """
    return cast(uniform >= p) * (1 / (1 - p) if p < 1 else 0.0)


def draw_masks(
    uniform: Callable[[tuple[int, ...]], Any],
    cast: Callable[[Any], Any],
    options: Any,
    layers: int,
    directions: int,
    shape: tuple[int, int, int],
    gates: int,
) -> dict[str, dict[str, Any]]:
    """Draw every mask of one training forward.

    Parameters
    ----------
    uniform
        Maps a shape to float32 numbers in [0, 1): NumPy's generator, or torch's.
    cast
        Brings booleans into the layer's dtype.
    options
        The layer's `rnn_book.options.Regularisers`.
    layers
        L, the layers on top of each other.
    directions
        D, 1 or 2.
    shape
        (T, N, H): steps (padded ones included), batch, hidden units.
    gates
        Rows of the recurrent weights in units of H.

    Returns
    -------
    dict
        ``"l0"``, ``"l0_reverse"``, ``"l1"`` ... -> name of mask -> mask. In the order of drawing:
        ``dropout`` (T, N, H) on that layer's output, ``recurrent`` (N, H) or ``update`` (T, N, H),
        ``zoneout_h`` and ``zoneout_c`` (T, N, H; 1 keeps the old state), ``weight_drop`` (gates*H,
        H). A mask that no option asks for is not drawn. Steps are steps of time in both directions.
    """
    steps, batch, hidden = shape

    def scaled(size: tuple[int, ...], p: float) -> Any:
        return scaled_mask(uniform(size), cast, p)

    masks: dict[str, dict[str, Any]] = {}
    for layer in range(layers):
        for direction in range(directions):
            drawn: dict[str, Any] = {}
            if options.dropout > 0 and layer < layers - 1:
                drawn["dropout"] = scaled((steps, batch, hidden), options.dropout)
            if options.recurrent_dropout > 0:
                on_update = options.recurrent_dropout_on == "update"
                size = (steps, batch, hidden) if on_update else (batch, hidden)
                name = "update" if on_update else "recurrent"
                drawn[name] = scaled(size, options.recurrent_dropout)
            for name, p in options.zoneout.items():
                if p > 0:
                    drawn[f"zoneout_{name}"] = uniform((steps, batch, hidden)) < p
            if options.weight_drop > 0:
                drawn["weight_drop"] = scaled((gates * hidden, hidden), options.weight_drop)
            masks[f"l{layer}" + "_reverse" * direction] = drawn
    return masks
