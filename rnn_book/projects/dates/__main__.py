"""``python -m rnn_book.projects.dates``: train the networks of the chapter on attention."""

import sys

from rnn_book.projects.dates.training import main
from rnn_book.projects.refusal import guarded

if __name__ == "__main__":
    sys.exit(guarded(main))
