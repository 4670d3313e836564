"""How the parameters of a recurrent layer are named, shaped and ordered: as torch.nn does."""

from __future__ import annotations

from typing import Any

__all__ = ["WEIGHTS", "bare_shapes", "parameter_constants", "parameter_shapes", "suffixes"]

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def suffixes(num_layers: int, directions: int) -> list[str]:
    """``l0``, ``l0_reverse``, ``l1`` ...: the keys of masks and gates, and the ends of parameter
    names.
    """
    return [f"l{k}" + "_reverse" * d for k in range(num_layers) for d in range(directions)]


def _cell_shapes(cell: Any, inputs: int, hidden: int, bias: bool) -> dict[str, tuple[int, ...]]:
    rows = cell.gates * hidden
    shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden)}
    if bias:
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    for name, units in cell.extra.items():
        units = units if isinstance(units, tuple) else (units,)
        shapes[name] = tuple(k * hidden for k in units)
    return shapes


def bare_shapes(cell: Any, hidden: int) -> dict[str, tuple[int, ...]]:
    """Bare name -> shape of the parameters that the step of `cell` uses itself."""
    shapes = _cell_shapes(cell, 0, hidden, bias=True)
    del shapes["weight_ih"]
    if cell.input_bias:
        del shapes["bias_ih"]
    return shapes


def parameter_shapes(
    cell: Any,
    input_size: int,
    hidden_size: int,
    bias: bool,
    num_layers: int | None = None,
    directions: int = 1,
) -> dict[str, tuple[int, ...]]:
    """State-dict key -> shape, in state-dict order.

    Parameters
    ----------
    cell
        The cell: `gates` and `extra` tell its rows and further parameters.
    input_size
        I, the numbers per step of the input.
    hidden_size
        H, the units.
    bias
        Whether there are bias vectors.
    num_layers
        L; without it the names are those of a single cell, without a suffix.
    directions
        D, 1 or 2.
    """
    if num_layers is None:
        return _cell_shapes(cell, input_size, hidden_size, bias)
    shapes = {}
    for suffix in suffixes(num_layers, directions):
        first = suffix in ("l0", "l0_reverse")
        inputs = input_size if first else directions * hidden_size
        for name, shape in _cell_shapes(cell, inputs, hidden_size, bias).items():
            shapes[f"{name}_{suffix}"] = shape
    return shapes


def parameter_constants(cell: Any, shapes: dict[str, tuple[int, ...]]) -> dict[str, float]:
    """State-dict key -> value, for the parameters that start at a constant (`cell.constants`)."""
    found = {}
    for key in shapes:
        bare = key if key in cell.extra else key.rsplit("_l", 1)[0]
        if bare in cell.constants:
            found[key] = cell.constants[bare]
    return found
