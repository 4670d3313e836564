"""Recurrent layers and the weights that they start from."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch

import rnn_book.numpy
import rnn_book.torch

__all__ = ["Start", "fresh", "torch_twin"]


RELU = ("identity", "ReLU, orthogonal")
"""Starts of plain layers with a ReLU instead of a tanh."""


class Start(NamedTuple):
    """A kind of layer, and what its fresh weights get."""

    kind: str
    """Class, in both halves."""
    how: str | float | None = None
    """None: the weights as they are drawn.

    - ``"orthogonal"``: a random orthogonal recurrent matrix, for a plain layer with a tanh;
    - ``"ReLU, orthogonal"``: the same with a ReLU, and no bias;
    - ``"identity"``: the identity as recurrent matrix and no bias, for a plain layer with a ReLU
      (Le et al. 2015, arXiv 1504.00941; they draw the other weights from N(0, 0.001), here they
      are those of every layer);
    - a number: the total bias of the gate that keeps (the forget gate, a GRU's update gate);
    - ``"ln T"``: the same, the logarithm of the length;
    - ``"chrono"``: that bias from log U(1, T - 1) for each unit, and in an LSTM the input gate's
      its negative (Tallec & Ollivier 2018, arXiv 1804.11188).
    """


def fresh(
    start: Start, inputs: int, hidden: int, steps: int, rng: np.random.Generator, **options: Any
) -> Any:
    """An untrained layer of `rnn_book.numpy`.

    Parameters
    ----------
    start
        What it is.
    inputs, hidden
        Its sizes.
    steps
        T, which some starts depend on.
    rng
        Of the weights.
    options
        For the layer, such as `dtype`.
    """
    kind, how = start
    if how in RELU:
        options["nonlinearity"] = "relu"
    layer = getattr(rnn_book.numpy, kind)(inputs, hidden, rng=rng, **options)
    p = layer.parameters
    if how in RELU:
        p["bias_ih_l0"][:] = p["bias_hh_l0"][:] = 0
    if how == "identity":
        p["weight_hh_l0"][:] = np.eye(hidden)
    elif how in ("orthogonal", "ReLU, orthogonal"):
        p["weight_hh_l0"][:] = np.linalg.qr(rng.standard_normal((hidden, hidden)))[0]
    elif how is not None:
        # Rows H to 2H are the forget gate's in an LSTM and the update gate's in a GRU.
        keeps = slice(hidden, 2 * hidden)
        if how == "chrono":
            bias = np.log(rng.uniform(1, steps - 1, hidden))
        else:
            bias = np.full(hidden, math.log(steps) if how == "ln T" else how)
        p["bias_ih_l0"][keeps], p["bias_hh_l0"][keeps] = bias, 0
        if how == "chrono" and kind == "LSTM":
            p["bias_ih_l0"][:hidden], p["bias_hh_l0"][:hidden] = -bias, 0
    return layer


def torch_twin(layer: Any, start: Start) -> Any:
    """A layer of `rnn_book.torch` with the same weights."""
    options: dict[str, Any] = {"dtype": getattr(torch, np.dtype(layer.dtype).name)}
    if start.how in RELU:
        options["nonlinearity"] = "relu"
    twin = getattr(rnn_book.torch, start.kind)(
        layer.input_size, layer.hidden_size, rng=0, **options
    )
    weights = {name: torch.from_numpy(value.copy()) for name, value in layer.parameters.items()}
    twin.load_state_dict(weights)
    return twin
