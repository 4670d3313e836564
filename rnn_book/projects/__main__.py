"""Make the projects' tables and figures from their stored results: ``python -m rnn_book.projects``.

Only for a checkout of the book.
"""

from __future__ import annotations

import sys

from rnn_book.experiments.provenance import checkout
from rnn_book.projects.chapters import files
from rnn_book.projects.refusal import Refusal, guarded
from rnn_book.records import write_whole


def main() -> int:
    """Write them, and say which."""
    root = checkout()
    if root is None:
        raise Refusal("the pages are in a checkout of the book, and this is an installed package")
    for path, text in files().items():
        write_whole(root / path, text)
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
