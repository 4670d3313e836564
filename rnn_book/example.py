"""The running example of the gate pages: one short sequence, and two cells of two units each.

All numbers are chosen by hand, so that each gate has one job that a reader can follow.

The sequence has one number a step. At `MARK` it is 1: something to remember. At `QUESTION` it is
−1: now the memory is asked for. Around them there is a little noise.

In the LSTM cell, unit 0, the keeper, writes when it sees the mark, keeps it, shows it when it is
asked, and then clears itself. Unit 1, the fader, has three gates that stand half open whatever
happens, so that its memory halves at every step.

A GRU cannot hide what it keeps, so in the GRU cell two units share the work. Unit 0, the keeper,
writes the mark and keeps it. Unit 1, the speaker, remembers nothing: it hears the keeper when the
question comes, and what it then says makes the keeper let go.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BIAS",
    "FADER",
    "HIDDEN",
    "INPUTS",
    "KEEPER",
    "MARK",
    "QUESTION",
    "SEQUENCE",
    "SPEAKER",
    "gru_weights",
    "sequence",
    "weights",
]

INPUTS, HIDDEN = 1, 2
KEEPER, FADER = 0, 1
SPEAKER = 1
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

GRU_WEIGHT_IH = (
    (0.0, -16.0),  # r: the speaker's reset gate opens at x = -1
    (-16.0, 0.0),  # z: the keeper's update gate shuts at x = 1, so that the candidate is written
    (2.0, 0.0),  # n: the keeper reads the input
)
GRU_BIAS = (
    (0.0, -8.0),  # r: otherwise the speaker's is shut
    (8.0, -8.0),  # z: the keeper keeps, the speaker does not
    (0.0, 0.0),  # n
)
LET_GO = -16.0  # from the speaker's hidden state to the keeper's update gate
HEAR = 2.0  # from the keeper's hidden state to the speaker's candidate


def sequence(values: Iterable[float] = SEQUENCE) -> NDArray[np.float64]:
    """One number a step as a sequence: (T, 1, 1), that is N = 1 sequence of I = 1 number a step."""
    return np.array([float(value) for value in values]).reshape(-1, 1, INPUTS)


def weights(layer: bool = False) -> dict[str, NDArray[np.float64]]:
    """Weights of the LSTM cell under `torch.nn.LSTMCell`'s keys, or of a `layer` under
    `torch.nn.LSTM`'s, with `_l0` at the end.

    weight_ih (8, 1), weight_hh (8, 2), bias_ih and bias_hh (8,): rows i, f, g, o, each for two
    units.
    """
    clear = {(HIDDEN + KEEPER, KEEPER): CLEAR}
    return _named(WEIGHT_IH, BIAS, clear, layer)


def gru_weights(layer: bool = False) -> dict[str, NDArray[np.float64]]:
    """Weights of the GRU cell, as `weights` names them.

    weight_ih (6, 1), weight_hh (6, 2), bias_ih and bias_hh (6,): rows r, z, n, each for two units.
    """
    speak = {(HIDDEN + KEEPER, SPEAKER): LET_GO, (2 * HIDDEN + SPEAKER, KEEPER): HEAR}
    return _named(GRU_WEIGHT_IH, GRU_BIAS, speak, layer)


def _named(
    weight_ih: tuple[tuple[float, ...], ...],
    bias: tuple[tuple[float, ...], ...],
    recurrent: dict[tuple[int, int], float],
    layer: bool,
) -> dict[str, NDArray[np.float64]]:
    weight_hh = np.zeros((len(bias) * HIDDEN, HIDDEN))
    for place, value in recurrent.items():
        weight_hh[place] = value
    named = {
        "weight_ih": np.array(weight_ih).reshape(-1, INPUTS),
        "weight_hh": weight_hh,
        "bias_ih": np.ravel(bias),
        "bias_hh": np.zeros(len(weight_hh)),
    }
    return {f"{name}_l0" if layer else name: value for name, value in named.items()}
