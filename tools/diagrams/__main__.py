"""Redraw the figures: ``python -m tools.diagrams [--check] [NAME ...]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rnn_book.records import write_whole
from tools.diagrams.catalogue import FIGURES, draw

IMAGES = Path(__file__).resolve().parents[2] / "images"


def stale(names: list[str], folder: Path) -> list[str]:
    """Return the names whose file in a folder is missing or differs from the drawing."""
    paths = {name: folder / f"{name}.svg" for name in names}
    return [
        name
        for name, path in paths.items()
        if not path.is_file() or path.read_bytes() != draw(name).encode()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Draw or compare; return 1 if a compared file differs."""
    parser = argparse.ArgumentParser(prog="python -m tools.diagrams", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as lstm/unfolded")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--into", type=Path, default=IMAGES, help="folder of the images")
    options = parser.parse_args(arguments)
    names = options.names or list(FIGURES)
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        parser.error(f"no figure {unknown[0]!r}; there are {', '.join(FIGURES)}")
    if options.check:
        differing = stale(names, options.into)
        for name in differing:
            print(f"{name}.svg differs from its drawing; run `make figures`", file=sys.stderr)
        return 1 if differing else 0
    for name in names:
        write_whole(options.into / f"{name}.svg", draw(name))
    print(f"drew {len(names)} figures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
