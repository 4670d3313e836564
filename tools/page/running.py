"""Run a reader's code, hand on what it prints, and say where it failed."""

from __future__ import annotations

import io
import linecache
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

FILE = "snippet.py"
LIMIT = 20_000
"""How many characters of output are handed on; the rest is counted."""


class Output(io.TextIOBase):
    """A stream that hands on what is written, up to a limit."""

    def __init__(self, write: Callable[[str], object], limit: int = LIMIT) -> None:
        self._write, self.left, self.lost = write, limit, 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        shown = text[: self.left]
        if shown:
            self.left -= len(shown)
            self._write(shown)
        self.lost += len(text) - len(shown)
        return len(text)


def run(
    source: str,
    write: Callable[[str], object],
    limit: int = LIMIT,
    names: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Execute a program in a namespace of its own.

    Parameters
    ----------
    source : str
        The program.
    write : callable
        Takes what it prints, piece by piece.
    limit : int
        How many characters it may print; more is counted and lost.
    names : dict, optional
        Filled with what the program defines.

    Returns
    -------
    dict
        ``error``: Python's traceback from the reader's code on, or None; ``line``: the line of the
        reader's code in it, or None; ``lost``: characters beyond the limit.
    """
    output = Output(write, limit)
    # Tracebacks quote the lines of a file, and this one is nowhere but here.
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    error = line = None
    names = {} if names is None else names
    names["__name__"] = "__main__"
    with (
        redirect_stdout(output),
        redirect_stderr(output),
        warnings.catch_warnings(),
        np.errstate(),
        np.printoptions(),
    ):
        try:
            exec(compile(source, FILE, "exec"), names)
        except SystemExit:
            pass
        except BaseException as caught:  # whatever the reader's code raises is shown to the reader
            error, line = _explain(caught)
    return {"error": error, "line": line, "lost": output.lost}


def _explain(caught: BaseException) -> tuple[str, int | None]:
    """The traceback without the frames of this file, and the innermost line of the reader's."""
    trace = caught.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != FILE:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(caught), caught, trace))
    if isinstance(caught, SyntaxError) and caught.filename == FILE:
        return text, caught.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == FILE]
    return text, lines[-1] if lines else None
