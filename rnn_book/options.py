"""The options that every recurrent layer shares: named, and checked, once for both halves.

A constructor takes them as ``**options: Unpack[...]``, which editors and type checkers spell out;
`spelled_out` does so for `help`.
"""

from __future__ import annotations

import functools
import inspect
import math
import numbers
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, TypeVar

from rnn_book.cells import cell_name
from rnn_book.checks import check_probability
from rnn_book.draws import Rng

__all__ = [
    "CellOptions",
    "LayerOptions",
    "Regularisers",
    "check_forget_bias",
    "regularisers",
    "spelled_out",
]


class Keywords(TypedDict):
    """None yet: the reference spells out the fields of what is derived from a TypedDict."""


class CellOptions(Keywords, total=False):
    """The keywords of every cell, as `Recurrent` describes them."""

    forget_bias: float | None
    rng: Rng


class LayerOptions(CellOptions, total=False):
    """The keywords of every recurrent layer, as `Recurrent` describes them."""

    recurrent_dropout: float
    recurrent_dropout_on: Literal["state", "update"]
    zoneout: float | tuple[float, ...]
    weight_drop: float
    proj_size: int


DEFAULTS: dict[str, Any] = {
    "recurrent_dropout": 0.0,
    "recurrent_dropout_on": "state",
    "zoneout": 0.0,
    "weight_drop": 0.0,
    "proj_size": 0,
    "checkpoint": False,
}
"""Of the keywords; of the others it is None."""

Constructor = TypeVar("Constructor", bound=Callable[..., None])


def spelled_out(options: Any) -> Callable[[Constructor], Constructor]:
    """Of a constructor that unpacks a TypedDict: show its keywords one by one, fill in those that
    are not given, and refuse others.
    """
    keywords = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=DEFAULTS.get(name),
            annotation=getattr(kind, "__forward_arg__", kind),  # as it is written
        )
        for name, kind in options.__annotations__.items()
    ]

    def mark(init: Constructor) -> Constructor:
        signature = inspect.signature(init)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        known = {p.name for p in [*own, *keywords]}

        @functools.wraps(init)
        def __init__(self: Any, *arguments: Any, **given: Any) -> None:
            if unknown := sorted(given.keys() - known):
                raise TypeError(
                    f"{type(self).__name__}() got an unexpected keyword argument {unknown[0]!r}"
                )
            init(self, *arguments, **{p.name: p.default for p in keywords} | given)

        shown: Any = __init__
        shown.__signature__ = signature.replace(parameters=[*own, *keywords])
        return shown

    return mark


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


def regularisers(cell: Any, num_layers: int, dropout: Any, options: LayerOptions) -> Regularisers:
    """Check the regularisers of a layer against its cell and bring them into one form."""
    if options["proj_size"] != 0:
        raise NotImplementedError(
            f"proj_size is not offered: leave it at 0, got {options['proj_size']!r}"
        )
    dropout = check_probability("dropout", dropout)
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout "
            f"expects num_layers greater than 1, but got dropout={dropout} and num_layers=1",
            UserWarning,
            stacklevel=_outside(),
        )
    recurrent_dropout_on = options["recurrent_dropout_on"]
    if recurrent_dropout_on not in ("state", "update"):
        raise ValueError(
            f"recurrent_dropout_on must be 'state' or 'update', got {recurrent_dropout_on!r}"
        )
    if recurrent_dropout_on == "update" and not cell.candidate:
        raise ValueError(
            f"recurrent_dropout_on='update' masks a cell's candidate, and {cell_name(cell)} "
            "has none: use recurrent_dropout_on='state'"
        )
    return Regularisers(
        dropout,
        check_probability("recurrent_dropout", options["recurrent_dropout"]),
        recurrent_dropout_on,
        _zoneout(tuple(cell.states), options["zoneout"]),
        check_probability("weight_drop", options["weight_drop"]),
    )


def _outside() -> int:
    """The stacklevel, for whom `regularisers` warns, of the line that is not this package's."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals["__name__"].partition(".")[0] == "rnn_book":
        level, frame = level + 1, frame.f_back
    return level


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
    """Return the forget bias as a float, or None; any number needs a forget gate and biases."""
    if forget_bias is None:
        return None
    if cell.forget_gate is None:
        raise ValueError(
            f"forget_bias needs a forget gate, and {cell_name(cell)} has none: leave it at None"
        )
    if not bias:
        raise ValueError("forget_bias sets a bias, and bias=False leaves none: use bias=True")
    is_number = isinstance(forget_bias, numbers.Real) and not isinstance(forget_bias, bool)
    if not is_number or not math.isfinite(float(forget_bias)):
        raise ValueError(f"forget_bias must be a finite number or None, got {forget_bias!r}")
    return float(forget_bias)
