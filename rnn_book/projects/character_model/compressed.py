"""Compressors, the other rivals of a character model: they too turn prediction into few bits."""

from __future__ import annotations

import bz2
import lzma

__all__ = ["compressed_bits"]


def _bz2(data: bytes) -> bytes:
    return bz2.compress(data, 9)


def _xz(data: bytes) -> bytes:
    # A dictionary of 64 MiB: all of the text that primes it stays within reach.
    return lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)


_COMPRESSORS = {"bz2": _bz2, "xz": _xz}


def compressed_bits(text: str, method: str, *, primed_with: str = "") -> float:
    """Bits per character that a compressor needs for `text`.

    Parameters
    ----------
    text
        What is compressed, as UTF-8.
    method
        ``"bz2"`` or ``"xz"``, at its strongest.
    primed_with
        A text that goes before and is not charged: the compressor's training text. bz2 looks back
        900,000 bytes at most, so priming hardly helps it.

    Raises
    ------
    ValueError
        If there is no such method, or the text is empty.
    """
    if method not in _COMPRESSORS:
        raise ValueError(f"method must be one of {', '.join(_COMPRESSORS)}, got {method!r}")
    if not text:
        raise ValueError("text must not be empty")
    compress = _COMPRESSORS[method]
    free = len(compress(primed_with.encode())) if primed_with else 0
    return 8 * (len(compress((primed_with + text).encode())) - free) / len(text)
