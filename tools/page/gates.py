"""The gate lab's one computation: run a cell of one unit, and look inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rnn_book import gradient_by_lag, record_gates
from rnn_book.numpy import GRU, LSTM, RNN, Recurrent

LETTERS = {"lstm": "ifgo", "gru": "rzn", "rnn": "h"}
"""Rows of the weights, in the order of the layer's parameters."""
STEPS = 50
_LAYERS: dict[str, Callable[..., Recurrent]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN}


def trace(unit: str, x: Sequence[float], rows: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Run one unit over a sequence.

    Parameters
    ----------
    unit : str
        "lstm", "gru" or "rnn".
    x : sequence of float
        One number per step, at most 50.
    rows : mapping
        Letter of a gate -> its bias, its weight on x and its weight on h. "h" for the plain unit.

    Returns
    -------
    dict
        ``traces``: letter -> one number per step (an LSTM has i, f, g, o, c, h; a GRU r, z, n, h; a
        plain unit h); ``gradient``: by lag, from 0 on, the norm of d h_T / d state.

    Raises
    ------
    ValueError
        For another unit, no step, or more than 50.
    """
    if unit not in LETTERS:
        raise ValueError(f"unit must be one of {', '.join(LETTERS)}, got {unit!r}")
    if not 1 <= len(x) <= STEPS:
        raise ValueError(f"x must have 1 to {STEPS} steps, got {len(x)}")
    weights = np.array([rows[letter] for letter in LETTERS[unit]], dtype=np.float64)
    layer = _LAYERS[unit](1, 1, dtype="float64", rng=0)
    layer.load_state_dict(
        {
            "weight_ih_l0": weights[:, 1:2],
            "weight_hh_l0": weights[:, 2:3],
            "bias_ih_l0": weights[:, 0],
            "bias_hh_l0": np.zeros(len(weights)),
        }
    )
    sequence = np.array(x, dtype=np.float64).reshape(-1, 1, 1)
    gates = record_gates(layer, sequence)["l0"]
    return {
        "traces": {name: values[:, 0, 0].tolist() for name, values in gates.items()},
        "gradient": gradient_by_lag(layer, sequence).tolist(),
    }
