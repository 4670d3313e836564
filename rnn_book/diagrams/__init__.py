"""The drawings of the book, written as SVG by code.

``python -m rnn_book.diagrams`` redraws all of them into ``images/``; the same bytes on every
machine. Colours come from ``palette``, which plots and the site's style sheet share.
"""

from rnn_book.diagrams.catalogue import FIGURES, draw

__all__ = ["FIGURES", "draw"]
