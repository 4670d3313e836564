"""The constructors that layers of this package share: `Recurrent` with a cell that is given."""

from __future__ import annotations

from typing import Any, Literal, Unpack

from rnn_book.numpy.recurrent import Options, Recurrent
from rnn_book.options import spelled_out

__all__ = ["Layer", "PlainLayer"]


class Layer(Recurrent):
    """A layer whose class names its cell: arguments as for `Recurrent`, without the cell."""

    step_class: Any

    @spelled_out(Options)
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        **options: Unpack[Options],
    ) -> None:
        cell, flags = self.step_class(), (bias, batch_first, dropout, bidirectional)
        super().__init__(cell, input_size, hidden_size, num_layers, *flags, **options)


class PlainLayer(Recurrent):
    """A layer whose class names its cell, and whose caller chooses the nonlinearity."""

    step_class: Any

    @spelled_out(Options)
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        **options: Unpack[Options],
    ) -> None:
        cell, flags = self.step_class(nonlinearity), (bias, batch_first, dropout, bidirectional)
        super().__init__(cell, input_size, hidden_size, num_layers, *flags, **options)
