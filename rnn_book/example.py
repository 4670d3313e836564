"""The running example of the gate pages: one short sequence, and an LSTM cell of two units.

All numbers are chosen by hand, so that each gate has one job that a reader can follow.

The sequence has one number a step. At `MARK` it is 1: something to remember. At `QUESTION` it is
−1: now the memory is asked for. Around them there is a little noise.

Unit 0, the keeper, writes when it sees the mark, keeps it, shows it when it is asked, and then
clears itself. Unit 1, the fader, has three gates that stand half open whatever happens, so that its
memory halves at every step.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BIAS",
    "CLEAR",
    "FADER",
    "HIDDEN",
    "INPUTS",
    "KEEPER",
    "MARK",
    "QUESTION",
    "SEQUENCE",
    "WEIGHT_IH",
    "sequence",
    "weights",
]

INPUTS, HIDDEN = 1, 2
KEEPER, FADER = 0, 1
MARK, QUESTION = 1, 5
"""Positions in the sequence, counted from 0; the pages count steps from 1."""

SEQUENCE = (0.2, 1.0, -0.2, 0.1, -0.1, -1.0, 0.1)

# A row for each gate, the keeper first.
WEIGHT_IH = (
    (10.0, 0.0),  # i: the keeper's input gate opens at x = 1
    (0.0, 0.0),  # f
    (2.0, 1.0),  # g: both units read the input
    (-10.0, 0.0),  # o: the keeper's output gate opens at x = -1
)
BIAS = (
    (-5.0, 0.0),  # i: otherwise it is shut
    (5.0, 0.0),  # f: the keeper keeps
    (0.0, 0.0),  # g
    (-5.0, 0.0),  # o: otherwise it is shut
)
CLEAR = -12.0  # from the keeper's hidden state to its forget gate, the one recurrent weight


def sequence(values: Iterable[float] = SEQUENCE) -> NDArray[np.float64]:
    """One number a step as a sequence: (T, 1, 1), that is N = 1 sequence of I = 1 number a step."""
    return np.array([float(value) for value in values]).reshape(-1, 1, INPUTS)


def weights(layer: bool = False) -> dict[str, NDArray[np.float64]]:
    """Weights of the cell under `torch.nn.LSTMCell`'s keys.

    Parameters
    ----------
    layer
        Whether to name them as `torch.nn.LSTM` does, with `_l0` at the end.

    Returns
    -------
    dict
        weight_ih (8, 1), weight_hh (8, 2), bias_ih (8,), bias_hh (8,). Rows i, f, g, o, each for
        two units.
    """
    weight_hh = np.zeros((4 * HIDDEN, HIDDEN))
    weight_hh[HIDDEN + KEEPER, KEEPER] = CLEAR
    named = {
        "weight_ih": np.array(WEIGHT_IH).reshape(-1, INPUTS),
        "weight_hh": weight_hh,
        "bias_ih": np.ravel(BIAS),
        "bias_hh": np.zeros(4 * HIDDEN),
    }
    return {f"{name}_l0" if layer else name: value for name, value in named.items()}
