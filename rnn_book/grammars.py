"""Generated symbol sequences with rules: the embedded Reber grammar and counting languages.

The task is to predict the next symbol. Where more than one may follow no network can know which, so
beside the symbol that did follow every step carries the set of those that may: the legal ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from rnn_book.checks import check_size
from rnn_book.draws import Rng, generator

__all__ = [
    "COUNTING_SYMBOLS",
    "REBER_SYMBOLS",
    "SymbolSequences",
    "continual_reber",
    "counting",
    "embedded_reber",
    "legal_next",
    "one_hot",
    "predicts_legal",
]

REBER_SYMBOLS = "BTPSXVE"
"""The seven symbols; a feature's index is the symbol's place here."""

COUNTING_SYMBOLS = "SabcT"
"""Start, the letters, end (Gers & Schmidhuber 2001); no ``c`` where two letters are counted."""

# Reber's grammar as drawn by Gers et al. (2000, figure 3): state -> (symbol, next state). State 7
# is the end.
_REBER = (
    (("B", 1),),
    (("T", 2), ("P", 3)),
    (("S", 2), ("X", 4)),
    (("T", 3), ("V", 5)),
    (("X", 3), ("S", 6)),
    (("P", 4), ("V", 6)),
    (("E", 7),),
)
_END = 7


class SymbolSequences(NamedTuple):
    """Sequences whose next symbol is to be predicted, step by step."""

    inputs: NDArray[np.floating]
    """(T, N, F): the symbol at this step, one-hot; 0 beyond a sequence's end."""
    targets: NDArray[np.integer]
    """(T, N): index of the symbol that follows; 0 beyond the end, where it means nothing."""
    legal: NDArray[np.bool_]
    """(T, N, F): the symbols that may follow."""
    lengths: NDArray[np.integer]
    """(N,): steps of each sequence."""
    needs_memory: NDArray[np.bool_]
    """(T, N): steps at which what may follow was decided long ago; no memory, no right answer."""
    starts: NDArray[np.bool_]
    """(T, N): steps whose input begins a string."""

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(T, N): steps that belong to a sequence, for a loss."""
        return np.arange(len(self.targets))[:, None] < self.lengths


def one_hot(indices: ArrayLike, size: int, dtype: DTypeLike = np.float64) -> NDArray:
    """Integers (...) as rows (..., size) that are 1 at the index and 0 elsewhere.

    Raises
    ------
    ValueError
        If an index is not an integer from 0 to size - 1.
    """
    indices = np.asarray(indices)
    if indices.size and (
        indices.dtype.kind not in "iu" or indices.min() < 0 or indices.max() >= size
    ):
        raise ValueError(f"indices must be integers from 0 to {size - 1}, got {indices}")
    rows = np.zeros((*indices.shape, size), dtype)
    np.put_along_axis(rows, indices.astype(np.int64)[..., None], 1, axis=-1)
    return rows


def _embedded_tables() -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Build symbol and next state by choice (S, 2), legal symbols (S, 7), long-lag states (S,).

    States: 0 and 1 before the string's B and its T or P; 2 to 9 the grammar inside a T, 10 to 17
    the one inside a P, of each the last the state after the inner E, where the T or P is due again;
    18 before the last E.
    """
    edges: list[list[tuple[str, int]]] = [[("B", 1)], [("T", 2), ("P", 10)]]
    for outer in "TP":
        offset = len(edges)
        edges += [[(symbol, offset + after) for symbol, after in choices] for choices in _REBER]
        edges.append([(outer, 18)])
    edges.append([("E", 0)])  # the dashed line of the figure: the next string follows at once
    symbol = np.array([[REBER_SYMBOLS.index(s) for s, _ in (e[0], e[-1])] for e in edges])
    after = np.array([[state for _, state in (e[0], e[-1])] for e in edges])
    legal = np.zeros((len(edges), len(REBER_SYMBOLS)), bool)
    np.put_along_axis(legal, symbol, True, axis=1)
    long_lag = np.zeros(len(edges), bool)
    long_lag[[2 + _END, 10 + _END]] = True
    return symbol, after, legal, long_lag


_SYMBOL, _AFTER, _LEGAL, _LONG_LAG = _embedded_tables()


def _walk(choices: NDArray) -> tuple[NDArray, NDArray]:
    """Symbols (T, N) and the states after them (T, N), by choices of 0 or 1 (T, N)."""
    state = np.zeros(choices.shape[1], np.int64)
    symbols, states = np.empty_like(choices), np.empty_like(choices)
    for t, choice in enumerate(choices):
        symbols[t], state = _SYMBOL[state, choice], _AFTER[state, choice]
        states[t] = state
    return symbols, states


def continual_reber(
    steps: int, batch: int, *, rng: Rng, dtype: DTypeLike = np.float64
) -> SymbolSequences:
    """Continual embedded Reber grammar: strings one after the other, without a reset between.

    Gers, Schmidhuber & Cummins (2000). The T or P behind a string's first B comes back just before
    its last E. That symbol is the long-lag one, and to predict the next string's a network
    has to forget this one's. Choices are even.

    Parameters
    ----------
    steps
        T. Every stream begins with a string and may end inside one.
    batch
        N, the streams.
    rng
        Seed or generator.
    dtype
        Of the inputs.

    Returns
    -------
    SymbolSequences
        F = 7, in the order of `REBER_SYMBOLS`; `needs_memory` marks the steps whose next symbol is
        the long-lag one.

    Raises
    ------
    ValueError
        If a size is below 1.
    """
    steps, batch = check_size("steps", steps), check_size("batch", batch)
    symbols, states = _walk(generator(rng).integers(0, 2, (steps + 1, batch)))
    states = states[:-1]
    before = np.concatenate([np.zeros((1, batch), states.dtype), states[:-1]])
    return SymbolSequences(
        one_hot(symbols[:-1], len(REBER_SYMBOLS), dtype),
        symbols[1:],
        _LEGAL[states],
        np.full(batch, steps),
        _LONG_LAG[states],
        before == 0,
    )


def embedded_reber(batch: int, *, rng: Rng, dtype: DTypeLike = np.float64) -> SymbolSequences:
    """Single strings of the embedded Reber grammar, padded to the longest.

    Parameters
    ----------
    batch
        N.
    rng
        Seed or generator.
    dtype
        Of the inputs.

    Returns
    -------
    SymbolSequences
        As of `continual_reber`; the last step of each sequence predicts its E, so a string of L
        symbols has L - 1 steps.

    Raises
    ------
    ValueError
        If `batch` is below 1.
    """
    batch = check_size("batch", batch)
    rng = generator(rng)
    choices = np.empty((0, batch), np.int64)
    finished = np.zeros(batch, bool)
    while not finished.all():
        choices = np.concatenate([choices, rng.integers(0, 2, (32, batch))])
        symbols, states = _walk(choices)
        finished = (states == 0).any(axis=0)
    lengths = (states == 0).argmax(axis=0)
    steps = lengths.max()
    counts = np.arange(steps)[:, None] < lengths
    symbols, states = symbols[: steps + 1], states[:steps]
    inputs = one_hot(symbols[:-1], len(REBER_SYMBOLS), dtype) * counts[..., None].astype(dtype)
    starts = np.zeros((steps, batch), bool)
    starts[0] = True
    return SymbolSequences(
        inputs,
        np.where(counts, symbols[1:], 0),
        _LEGAL[states] & counts[..., None],
        lengths,
        _LONG_LAG[states] & counts,
        starts,
    )


def legal_next(text: str) -> list[str]:
    """What may follow after each symbol of a text of the continual embedded Reber grammar.

    Returns
    -------
    list of str
        One a symbol: the legal next ones, in the order of `REBER_SYMBOLS`.

    Raises
    ------
    ValueError
        At the first symbol that may not stand where it stands.
    """
    legal, state = [], 0
    for place, symbol in enumerate(text):
        choices = [REBER_SYMBOLS[i] for i in _SYMBOL[state]]
        if symbol not in choices:
            wanted = " or ".join(dict.fromkeys(choices))
            raise ValueError(
                f"text must have {wanted} at place {place}, got {symbol!r} in {text!r}"
            )
        state = int(_AFTER[state, choices.index(symbol)])
        legal.append("".join(REBER_SYMBOLS[i] for i in np.flatnonzero(_LEGAL[state])))
    return legal


def predicts_legal(scores: ArrayLike, legal: ArrayLike) -> NDArray[np.bool_]:
    """Whether every legal symbol scores above every other: a right prediction, whatever followed.

    Parameters
    ----------
    scores
        (..., F): logits or probabilities.
    legal
        (..., F): booleans.

    Returns
    -------
    ndarray
        Booleans (...). False where nothing is legal, as beyond a sequence's end, and where a score
        is NaN.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    scores, legal = np.asarray(scores), np.asarray(legal, bool)
    if scores.shape != legal.shape:
        raise ValueError(f"legal must have the shape of scores, {scores.shape}, got {legal.shape}")
    weakest = np.where(legal, scores, np.inf).min(axis=-1)
    strongest = np.where(legal, -np.inf, scores).max(axis=-1)
    return legal.any(axis=-1) & (weakest > strongest)


def counting(
    batch: int,
    *,
    smallest: int,
    largest: int,
    rng: Rng,
    letters: int = 2,
    dtype: DTypeLike = np.float64,
) -> SymbolSequences:
    """Counting languages: S, n times a, n times b (and n times c), T; n uniform over a range.

    Gers & Schmidhuber (2001). Two letters need one counter (context-free), three need more
    (context-sensitive).

    Parameters
    ----------
    batch
        N.
    smallest, largest
        Range of n, both ends included. Test on a range beyond the one trained on.
    rng
        Seed or generator.
    letters
        2 or 3.
    dtype
        Of the inputs.

    Returns
    -------
    SymbolSequences
        F = letters + 2, in the order of `COUNTING_SYMBOLS` (without c if it is not counted); a
        sequence has letters * n + 1 steps, the last of which predicts T. Legal after an a: a and b,
        whatever the range. `needs_memory` marks the steps from the first b on, where the count
        alone says what follows.

    Raises
    ------
    ValueError
        If a size is below 1, `largest` below `smallest`, or `letters` neither 2 nor 3.
    """
    batch = check_size("batch", batch)
    smallest, largest = check_size("smallest", smallest), check_size("largest", largest)
    if largest < smallest:
        raise ValueError(f"largest must be at least smallest, {smallest}, got {largest}")
    if letters not in (2, 3):
        raise ValueError(f"letters must be 2 or 3, got {letters!r}")
    n = generator(rng).integers(smallest, largest + 1, batch)
    size, lengths = letters + 2, letters * n + 1
    step = np.arange(lengths.max() + 1)[:, None]
    # Step 0 shows S, steps 1 to n the first letter, and so on; whatever comes after the last letter
    # is T.
    symbols = np.minimum((step + n - 1) // n, letters + 1)
    counts = step[:-1] < lengths
    shown, following = symbols[:-1], symbols[1:]
    legal = one_hot(following, size, bool)
    legal[shown == 1] = one_hot(1, size, bool) | one_hot(2, size, bool)
    inputs = one_hot(shown, size, dtype) * counts[..., None].astype(dtype)
    return SymbolSequences(
        inputs,
        np.where(counts, following, 0),
        legal & counts[..., None],
        lengths,
        (shown > 1) & counts,
        (step[:-1] == 0) & counts,
    )
