"""Searches for what a decoder should write: step by step the best, or the best of several lines.

They know nothing of the decoder but a function ``step``, so that they serve both halves of the
package, and any model of your own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_book.checks import as_array, check_size

__all__ = ["Line", "Step", "beam_search", "greedy_search"]

Step = Callable[[Any, Any], tuple[Any, Any]]
"""From the latest symbols (N,), integers, and what is known, to the log-probabilities (N, K) of the
next symbols, and what is known then."""


class Line(NamedTuple):
    """What a search found for one sequence."""

    symbols: list[int]
    """Without the sign to start; with the sign to end, unless the search ran out of steps."""
    log_probability: float
    """The sum over its symbols, in nats."""


def greedy_search(
    step: Step, known: Any, batch: int, *, start: int, end: int, steps: int
) -> list[Line]:
    """Write the most probable symbol at each step, for all sequences of a batch.

    Parameters
    ----------
    step
        The decoder, such as ``model.step``.
    known
        What it knows before its first step, such as ``model.start(source)``.
    batch
        N.
    start, end
        Symbols: the first that it is fed, and the one that ends a sequence.
    steps
        The most symbols that are written, `end` included.

    Returns
    -------
    list of Line
        One for each sequence. Between equals, the smaller symbol is taken.

    Raises
    ------
    TypeError, ValueError
        If a number is no integer, or too small, or `step` returns no (N, K).
    """
    batch, steps = check_size("batch", batch), check_size("steps", steps)
    start, end = check_size("start", start, 0), check_size("end", end, 0)
    lines = [Line([], 0.0) for _ in range(batch)]
    latest = np.full(batch, start)
    for _ in range(steps):
        scores, known = _scored(step, latest, known)
        latest = scores.argmax(axis=-1)
        for n, line in enumerate(lines):
            if line.symbols[-1:] != [end]:
                symbol = int(latest[n])
                total = line.log_probability + float(scores[n, symbol])
                lines[n] = Line([*line.symbols, symbol], total)
        if all(line.symbols[-1] == end for line in lines):
            break
    return lines


def beam_search(
    step: Step, known: Any, *, width: int, start: int, end: int, steps: int
) -> list[Line]:
    """Keep the best few beginnings at each step, for one sequence.

    Every beginning is continued by every symbol, and of all these lines, finished ones included,
    the `width` most probable stay. With a width of 1 this is `greedy_search`; with one that no
    level exceeds it has tried everything.

    Parameters
    ----------
    step, known, start, end, steps
        As for `greedy_search`, but for one sequence: N = 1.
    width
        How many lines are kept.

    Returns
    -------
    list of Line
        At most `width`, the most probable first. Between equals the earlier one, then the smaller
        symbol.

    Raises
    ------
    TypeError, ValueError
        If a number is no integer, or too small, or `step` returns no (1, K).
    """
    width, steps = check_size("width", width), check_size("steps", steps)
    start, end = check_size("start", start, 0), check_size("end", end, 0)
    beam: list[tuple[Line, Any]] = [(Line([], 0.0), known)]
    for _ in range(steps):
        found: list[tuple[Line, Any]] = []
        for line, then in beam:
            if line.symbols[-1:] == [end]:
                found.append((line, then))
                continue
            latest = np.array(line.symbols[-1:] or [start])
            scores, after = _scored(step, latest, then)
            for symbol in range(scores.shape[1]):
                total = line.log_probability + float(scores[0, symbol])
                if total > -math.inf:
                    found.append((Line([*line.symbols, symbol], total), after))
        # Sorting is stable: equals stay in the order in which they were found.
        beam = sorted(found, key=lambda one: -one[0].log_probability)[:width]
        if all(line.symbols[-1] == end for line, _ in beam):
            break
    return [line for line, _ in beam]


def _scored(step: Step, latest: NDArray, known: Any) -> tuple[NDArray[np.floating], Any]:
    scores, known = step(latest, known)
    scores = as_array("log-probabilities", scores)
    if scores.ndim != 2 or len(scores) != len(latest) or not scores.shape[1]:
        raise ValueError(
            f"step must return log-probabilities of shape ({len(latest)}, symbols), got "
            f"{scores.shape}"
        )
    if np.isnan(scores).any():
        raise ValueError("step must return log-probabilities, got NaN")
    return scores, known
