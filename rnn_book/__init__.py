"""A book on recurrent networks, and the package behind it.

`rnn_book.numpy` and `rnn_book.torch` mirror each other; neither is imported from here but for what
looks into layers.
"""

from rnn_book.gates import record_gates
from rnn_book.gradients import check_gradient, check_layer, gradient_by_lag
from rnn_book.show import show

__all__ = ["check_gradient", "check_layer", "gradient_by_lag", "record_gates", "show"]
