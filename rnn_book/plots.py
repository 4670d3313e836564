"""The former place of `rnn_book.experiments.plots`."""

from rnn_book.experiments.plots import *  # noqa: F403 - all of it, by its __all__
