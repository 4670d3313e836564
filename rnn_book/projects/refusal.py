"""What a command says when it cannot do what it was asked: one line, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

__all__ = ["INTERRUPTED", "Refusal", "guarded"]

INTERRUPTED = 130
"""Exit code of a run that a signal ended: what the shell reports for Ctrl-C."""


class Refusal(Exception):
    """A mistake in what was asked, or a file that is not what it should be: one line of text."""


def guarded(command: Callable[[], int]) -> int:
    """Run a command; a refusal, or a file that cannot be read or written, becomes one line."""
    try:
        return command()
    except Refusal as refusal:
        text = str(refusal)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        text = f"{place}{error.strerror or error}"
    print(f"error: {' '.join(text.split())}", file=sys.stderr)
    return 2
