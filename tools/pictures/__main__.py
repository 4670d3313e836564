"""Redraw the plots beside snippets: ``python -m tools.pictures [--check] [NAME ...]``."""

from __future__ import annotations

import sys

from tools.diagrams.__main__ import redraw
from tools.pictures import PICTURES, draw

if __name__ == "__main__":
    sys.exit(redraw(sys.argv[1:], "python -m tools.pictures", list(PICTURES), draw))
