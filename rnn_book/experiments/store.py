"""Finished runs: a line of JSON each, in a file that is committed as it grows.

A file may hold runs of other code or versions than today's; each line says of which, and only those
of today's are taken. A line that was cut off by an interruption is passed over, and its run done
again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from rnn_book.experiments.claims import Run
from rnn_book.experiments.provenance import checkout, user_cache
from rnn_book.records import write_whole

__all__ = ["RUNS", "Line", "append", "key", "line", "read", "rewrite"]

SOURCES = checkout()
RUNS = (SOURCES / "rnn_book" if SOURCES else user_cache()) / "experiments" / "runs"
"""In the checkout, or the user's cache where there is none."""


class Line(NamedTuple):
    """A finished run, and the digest of the code and the versions that made it."""

    code: str
    run: Run


def key(setting: dict[str, Any], index: int) -> str:
    """A name for a run, the same for equal settings in whatever order of their entries."""
    return json.dumps([setting, index], sort_keys=True)


def line(one: Line) -> str:
    """The line of a run, with its end."""
    return json.dumps({"code": one.code, **one.run._asdict()}, allow_nan=False) + "\n"


def read(file: Path) -> list[Line]:
    """All lines that are whole, in their order."""
    found = []
    for text in file.read_bytes().splitlines() if file.exists() else []:
        try:
            kept = json.loads(text)
            one = Line(kept.pop("code"), Run(**kept))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        if _is_whole(one.run):
            found.append(one)
    return found


def _is_whole(run: Run) -> bool:
    return (
        isinstance(run.setting, dict)
        and isinstance(run.index, int)
        and isinstance(run.result, dict)
        and isinstance(run.cpu_seconds, (int, float))
    )


def append(file: Path, one: Line) -> None:
    """Add a run, in one write, on a line of its own even where a cut-off line ends the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab+") as stream:
        stream.seek(0, os.SEEK_END)
        cut = False
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            cut = stream.read(1) != b"\n"
        stream.write(b"\n" * cut + line(one).encode())
        stream.flush()
        os.fsync(stream.fileno())


def rewrite(file: Path, lines: list[Line]) -> None:
    """Write the file anew, whole or not at all."""
    write_whole(file, "".join(map(line, lines)))
