"""The options that every recurrent layer shares, checked once for both halves of the package."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnn_book.cells import cell_name
from rnn_book.checks import check_probability

__all__ = ["Regularisers", "check_forget_bias", "regularisers"]


@dataclass(frozen=True)
class Regularisers:
    """The regularisers of one layer; `zoneout` maps the name of a state to its probability."""

    dropout: float
    recurrent_dropout: float
    recurrent_dropout_on: str
    zoneout: Mapping[str, float]
    weight_drop: float

    @property
    def masks_steps(self) -> bool:
        """Whether any of them acts inside the loop over time."""
        return self.recurrent_dropout > 0 or any(self.zoneout.values())


def regularisers(
    cell: Any,
    num_layers: int,
    dropout: Any,
    recurrent_dropout: Any,
    recurrent_dropout_on: Any,
    zoneout: Any,
    weight_drop: Any,
) -> Regularisers:
    """Check the regularisers of a layer against its cell and bring them into one form.

    Raises
    ------
    ValueError
        If a probability lies outside 0 to 1, or the cell lacks what an option acts on.
    """
    dropout = check_probability("dropout", dropout)
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero "
            "dropout expects "
            f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
            UserWarning,
            stacklevel=4,
        )
    if recurrent_dropout_on not in ("state", "update"):
        raise ValueError(
            f"recurrent_dropout_on must be 'state' or 'update', got {recurrent_dropout_on!r}"
        )
    if recurrent_dropout_on == "update" and not cell.candidate:
        raise ValueError(
            f"recurrent_dropout_on='update' masks a cell's candidate, and {cell_name(cell)} "
            "has none: "
            "use recurrent_dropout_on='state'"
        )
    return Regularisers(
        dropout,
        check_probability("recurrent_dropout", recurrent_dropout),
        recurrent_dropout_on,
        _zoneout(tuple(cell.states), zoneout),
        check_probability("weight_drop", weight_drop),
    )


def _zoneout(states: tuple[str, ...], zoneout: Any) -> dict[str, float]:
    if not isinstance(zoneout, tuple | list):
        zoneout = (zoneout,) * len(states)
    elif len(states) == 1:
        raise ValueError(
            f"zoneout must be one probability for a cell whose only state is {states[0]}, got "
            f"{zoneout!r}"
        )
    elif len(zoneout) != len(states):
        raise ValueError(
            f"zoneout must be one probability or one for each of the states {states}, got "
            f"{zoneout!r}"
        )
    return {name: check_probability("zoneout", p) for name, p in zip(states, zoneout, strict=True)}


def check_forget_bias(cell: Any, forget_bias: Any, bias: bool) -> float | None:
    """Return the forget bias as a float, or None.

    Raises
    ------
    ValueError
        If the cell has no forget gate, the layer has no biases, or the value is not a finite
        number.
    """
    if forget_bias is None:
        return None
    if getattr(cell, "forget_gate", None) is None:
        raise ValueError(
            f"forget_bias needs a forget gate, and {cell_name(cell)} has none: leave it at None"
        )
    if not bias:
        raise ValueError("forget_bias sets a bias, and bias=False leaves none: use bias=True")
    is_number = isinstance(forget_bias, numbers.Real) and not isinstance(forget_bias, bool)
    if not is_number or not math.isfinite(float(forget_bias)):
        raise ValueError(f"forget_bias must be a finite number or None, got {forget_bias!r}")
    return float(forget_bias)
