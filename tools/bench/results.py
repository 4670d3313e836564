"""The stored results: where they are, and how they are read and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rnn_book.records import write_whole

__all__ = ["RESULTS", "DamagedError", "load", "store"]

RESULTS = Path(__file__).with_name("results.json")


class DamagedError(Exception):
    """The stored results cannot be read; the message says what to do."""


def load() -> dict[str, Any]:
    """The stored results."""
    try:
        found = json.loads(RESULTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or not {"groups", "provenance"} <= set(found):
        raise DamagedError(f"{RESULTS} is missing or damaged: `make bench` measures it anew")
    return found


def store(results: dict[str, Any]) -> None:
    """Store results, whole or not at all."""
    write_whole(RESULTS, json.dumps(results, indent=1) + "\n")
