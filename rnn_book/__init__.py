"""A book on recurrent networks, and the package behind it."""

from rnn_book.show import show

__all__ = ["show"]
