"""What both halves' attention, and both halves' encoder-decoders, must agree on."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnn_book.checks import as_array, check_lengths, check_size

__all__ = ["SCORES", "check_lines", "check_model", "check_sizes", "check_span", "check_symbols"]

SCORES = ("dot", "additive")
"""The scores that an attention may have."""


def check_sizes(
    score: Any, query_size: Any, memory_size: Any, hidden_size: Any
) -> tuple[int, int, int, dict[str, tuple[int, ...]]]:
    """Q, M and A of an attention, and the shapes of its parameters, in the order of drawing."""
    if score not in SCORES:
        raise ValueError(f"score must be 'dot' or 'additive', got {score!r}")
    query_size = check_size("query_size", query_size)
    memory_size = check_size("memory_size", memory_size)
    if score == "dot":
        if query_size != memory_size:
            raise ValueError(
                "query_size and memory_size must be equal for the dot product, got "
                f"{query_size} and {memory_size}: score='additive' takes any two"
            )
        if hidden_size is not None:
            raise ValueError(
                f"hidden_size must be None for the dot product, which has none, got {hidden_size!r}"
            )
        return query_size, memory_size, query_size, {}
    size = query_size if hidden_size is None else check_size("hidden_size", hidden_size)
    shapes: dict[str, tuple[int, ...]] = {
        "weight_query": (size, query_size),
        "weight_memory": (size, memory_size),
        "weight_score": (size,),
    }
    return query_size, memory_size, size, shapes


def check_span(
    attention: Any, query: tuple[int, ...], memory: tuple[int, ...], lengths: Any
) -> np.ndarray:
    """Which entries of a memory count, booleans (T, N), from the shapes and the lengths."""
    for name, shape, size in (
        ("query", query, attention.query_size),
        ("memory", memory, attention.memory_size),
    ):
        if len(shape) != 3 or shape[-1] != size:
            raise RuntimeError(f"{name} must have shape (steps, batch, {size}), got {tuple(shape)}")
    if query[1] != memory[1]:
        raise RuntimeError(
            f"query and memory must have one batch size, got {query[1]} and {memory[1]}"
        )
    steps, batch = memory[:2]
    if steps == 0:
        raise RuntimeError("memory must have at least one step, got none")
    if lengths is None:
        return np.ones((steps, batch), bool)
    found = check_lengths(lengths, batch, steps)
    if (found == 0).any():
        raise ValueError(
            "lengths must be at least 1, since a mean over nothing is undefined, got "
            f"{found.tolist()}"
        )
    return np.asarray(np.arange(steps)[:, None] < found)


def check_symbols(name: str, value: Any, size: int, rank: int) -> np.ndarray:
    """Numbers of symbols, from 0 to `size` - 1, as an integer array of the rank."""
    found = as_array(name, value)
    if found.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, got {found.dtype}")
    if found.ndim != rank or (rank and found.shape[0] == 0):
        wanted = {1: "(batch,)", 2: "(steps, batch)"}[rank]
        raise ValueError(f"{name} must have shape {wanted}, got {found.shape}")
    if found.size and (found.min() < 0 or found.max() >= size):
        wrong = found.min() if found.min() < 0 else found.max()
        raise IndexError(f"{name} must lie between 0 and {size - 1}, got {wrong}")
    return found


def check_model(
    sources: Any, targets: Any, embedding_size: Any, hidden_size: Any, attention: Any
) -> None:
    """Check what an encoder-decoder is built from."""
    if attention is not None and attention not in SCORES:
        raise ValueError(f"attention must be 'dot', 'additive' or None, got {attention!r}")
    check_size("sources", sources)
    check_size("targets", targets)
    check_size("embedding_size", embedding_size)
    check_size("hidden_size", hidden_size)


def check_lines(source: np.ndarray, lengths: Any, target: np.ndarray | None = None) -> None:
    """Check sources (T, N), their lengths, and the targets (S, N) that belong to them."""
    steps, batch = source.shape
    if target is not None and target.shape[1] != batch:
        raise ValueError(
            f"source and target must hold equally many sequences, got {batch} and {target.shape[1]}"
        )
    if lengths is not None and (check_lengths(lengths, batch, steps) == 0).any():
        raise ValueError("lengths must be at least 1: there is nothing to read in a source of 0")
