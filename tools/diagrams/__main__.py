"""Redraw the figures: ``python -m tools.diagrams [--check] [NAME ...]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rnn_book.records import write_whole
from tools.diagrams.catalogue import FIGURES, draw

IMAGES = Path(__file__).resolve().parents[2] / "images"


def stale(names: list[str], folder: Path, draw: Callable[[str], str] = draw) -> list[str]:
    """Return the names whose file in a folder is missing or differs from the drawing."""
    paths = {name: folder / f"{name}.svg" for name in names}
    return [
        name
        for name, path in paths.items()
        if not path.is_file() or path.read_bytes() != draw(name).encode()
    ]


def redraw(
    arguments: list[str] | None, program: str, known: list[str], draw: Callable[[str], str]
) -> int:
    """Draw or compare what the arguments name; return 1 if a compared file differs."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"such as {known[0]}")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--into", type=Path, default=IMAGES, help="folder of the images")
    options = parser.parse_args(arguments)
    names = options.names or known
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"no figure {unknown[0]!r}; there are {', '.join(known)}")
    if options.check:
        differing = stale(names, options.into, draw)
        for name in differing:
            print(f"{name}.svg differs from its drawing; run `make figures`", file=sys.stderr)
        return 1 if differing else 0
    for name in names:
        write_whole(options.into / f"{name}.svg", draw(name))
    print(f"drew {len(names)} figures")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Draw or compare the drawings."""
    return redraw(arguments, "python -m tools.diagrams", list(FIGURES), draw)


if __name__ == "__main__":
    sys.exit(main())
