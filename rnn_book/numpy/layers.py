"""The constructors that layers of this package share: `Recurrent` with a cell that is given."""

from __future__ import annotations

from typing import Any, Literal

from numpy.typing import DTypeLike

from rnn_book.draws import Rng
from rnn_book.numpy.recurrent import Recurrent

__all__ = ["Layer", "PlainLayer"]


class Layer(Recurrent):
    """A layer whose class names its cell.

    Parameters and options are those of `Recurrent`, without the cell.

    Attributes
    ----------
    step_class : type
        The cell.
    """

    step_class: Any

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        recurrent_dropout: float = 0.0,
        recurrent_dropout_on: Literal["state", "update"] = "state",
        zoneout: float | tuple[float, ...] = 0.0,
        weight_drop: float = 0.0,
        forget_bias: float | None = None,
        rng: Rng = None,
        dtype: DTypeLike | None = None,
        checkpoint: bool = False,
        proj_size: int = 0,
    ) -> None:
        super().__init__(
            self.step_class(),
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            recurrent_dropout=recurrent_dropout,
            recurrent_dropout_on=recurrent_dropout_on,
            zoneout=zoneout,
            weight_drop=weight_drop,
            forget_bias=forget_bias,
            rng=rng,
            dtype=dtype,
            checkpoint=checkpoint,
            proj_size=proj_size,
        )


class PlainLayer(Recurrent):
    """A layer whose class names its cell, and whose caller chooses the nonlinearity.

    Parameters and options are those of `Recurrent`, without the cell, and one more:

    Parameters
    ----------
    nonlinearity
        ``"tanh"`` or ``"relu"``.

    Attributes
    ----------
    step_class : type
        The cell.
    """

    step_class: Any

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
        *,
        recurrent_dropout: float = 0.0,
        recurrent_dropout_on: Literal["state", "update"] = "state",
        zoneout: float | tuple[float, ...] = 0.0,
        weight_drop: float = 0.0,
        forget_bias: float | None = None,
        rng: Rng = None,
        dtype: DTypeLike | None = None,
        checkpoint: bool = False,
        proj_size: int = 0,
    ) -> None:
        super().__init__(
            self.step_class(nonlinearity),
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            recurrent_dropout=recurrent_dropout,
            recurrent_dropout_on=recurrent_dropout_on,
            zoneout=zoneout,
            weight_drop=weight_drop,
            forget_bias=forget_bias,
            rng=rng,
            dtype=dtype,
            checkpoint=checkpoint,
            proj_size=proj_size,
        )
