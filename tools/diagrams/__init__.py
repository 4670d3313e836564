"""The drawings of the book, written as SVG by code.

``python -m tools.diagrams`` redraws all of them into ``images/``; the same bytes on every
machine. Colours come from ``palette``, which plots and the site's style sheet share.
"""

from tools.diagrams.catalogue import FIGURES, draw

__all__ = ["FIGURES", "draw"]
