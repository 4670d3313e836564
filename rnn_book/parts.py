"""The parameters of a layer, taken apart and put together: what the weight exchange works with.

Everything is checked on the way, and named as in torch.nn's state dicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.checks import check_size
from rnn_book.layout import WEIGHTS

__all__ = [
    "Array",
    "Parameters",
    "array",
    "check_shape",
    "join",
    "kind_of",
    "reorder",
    "state_dict",
    "take_apart",
]

Array = NDArray[Any]
Parameters = dict[str, Array]

KINDS = {1: "RNN", 3: "GRU", 4: "LSTM"}

STEPS = {
    "RNNStep": "RNN",
    "GRUStep": "GRU",
    "GRUResetBeforeStep": "GRU",
    "LSTMStep": "LSTM",
    "PeepholeLSTMStep": "LSTM",
    "RNN_TANH": "RNN",
    "RNN_RELU": "RNN",
    "GRU": "GRU",
    "LSTM": "LSTM",
}
"""What the other formats have: our steps, and the modes of torch.nn."""


def state_dict(source: Any) -> Mapping[str, Any]:
    """Parameters by name, of a module or of what is a state dict already."""
    if isinstance(source, Mapping):
        return source
    if isinstance(source, type) or not hasattr(source, "state_dict"):
        got = source.__name__ if isinstance(source, type) else type(source).__name__
        raise TypeError(f"source must be a module or its state dict, got {got}")
    return source.state_dict()


def array(name: str, value: Any, kinds: str = "f") -> Array:
    """An array of real numbers, of the value's own type: nothing is cast."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:  # bfloat16, which NumPy lacks; a ragged list
        got = getattr(value, "dtype", type(value).__name__)
        raise TypeError(f"{name} must be an array of a type that NumPy has, got {got}") from error
    if array.dtype.kind not in kinds:
        what = "floating-point numbers" if kinds == "f" else "numbers"
        raise TypeError(f"{name} must be an array of {what}, got {array.dtype}")
    return array


def check_shape(name: str, value: Array, expected: tuple[int | None, ...]) -> None:
    """None stands for a size that is free."""
    fits = value.ndim == len(expected) and all(
        e in (None, s) for s, e in zip(value.shape, expected, strict=True)
    )
    if not fits:
        shape = ", ".join("I" if e is None else str(e) for e in expected)
        shape += "," * (len(expected) == 1)
        raise ValueError(f"{name} must have shape ({shape}), got {value.shape}")


def kind_of(name: str, shape: tuple[int, ...], transposed: bool = False) -> tuple[int, str]:
    """The number of gates, and the kind of layer, of recurrent weights (gates*H, H)."""
    rows, hidden = reversed(shape) if transposed else shape
    gates = rows // hidden if hidden else 0
    if gates not in KINDS or gates * hidden != rows:
        what = "(H, gates*H)" if transposed else "(gates*H, H)"
        raise ValueError(
            f"{name} must be {what} with 1, 3 or 4 gates (RNN, GRU, LSTM), got {tuple(shape)}"
        )
    return gates, KINDS[gates]


def take_apart(source: Any, layer: Any) -> tuple[str, list[Parameters]]:
    """The kind of a layer, and for each direction its parameters by bare name; checked."""
    layer = check_size("layer", layer, 0)
    named = state_dict(source)
    kind = None
    if not isinstance(source, Mapping):
        step = getattr(source, "cell", None)
        label = getattr(source, "mode", None) if step is None else type(step).__name__
        kind = STEPS.get(str(label))
        if kind is None:
            got = type(source).__name__ + (f" with {label}" if label else "")
            raise TypeError(f"source must be a plain RNN, GRU or LSTM, or PeepholeLSTM, got {got}")
    parts: list[Parameters] = []
    for suffix in (f"l{layer}", f"l{layer}_reverse"):
        end = f"_{suffix}"
        part = {
            str(key).removesuffix(end): array(str(key), value)
            for key, value in named.items()
            if str(key).endswith(end)
        }
        if part or not parts:
            parts.append(_checked(part, suffix, named))
    shapes = [{name: value.shape for name, value in part.items()} for part in parts]
    if shapes[0] != shapes[-1]:
        raise ValueError(
            "source must hold the same parameters of the same shapes for both directions, got "
            f"{shapes[0]} and {shapes[1]}"
        )
    _, by_rows = kind_of("weight_hh", parts[0]["weight_hh"].shape)
    if kind not in (None, by_rows):
        raise ValueError(f"source must have the rows of a {kind}, got those of a {by_rows}")
    return by_rows, parts


def _checked(part: Parameters, suffix: str, named: Mapping[str, Any]) -> Parameters:
    """The parameters of one direction, if they are those of a layer that the other formats have."""
    required = WEIGHTS if part.keys() & {"bias_ih", "bias_hh"} else WEIGHTS[:2]
    missing = [f"{name}_{suffix}" for name in required if name not in part]
    if missing:
        raise ValueError(f"source must hold {', '.join(missing)}, got the keys {list(named)}")
    unknown = sorted(part.keys() - {*WEIGHTS, "weight_peephole"})
    if unknown:
        raise ValueError(
            "source must hold the parameters of a plain RNN, GRU or LSTM, or PeepholeLSTM, "
            f"got {unknown}"
        )
    weight = part["weight_hh"]
    if weight.ndim != 2:
        raise ValueError(f"weight_hh_{suffix} must have shape (gates*H, H), got {weight.shape}")
    rows, hidden = weight.shape
    _, kind = kind_of(f"weight_hh_{suffix}", weight.shape)
    check_shape(f"weight_ih_{suffix}", part["weight_ih"], (rows, None))
    for name in required[2:]:
        check_shape(f"{name}_{suffix}", part[name], (rows,))
    if "weight_peephole" in part:
        if kind != "LSTM":
            raise ValueError(f"weight_peephole_{suffix} must be absent: {kind} has no peepholes")
        check_shape(f"weight_peephole_{suffix}", part["weight_peephole"], (3 * hidden,))
    return part


def reorder(rows: Array, old: str, new: str) -> Array:
    """A copy of `rows` whose blocks stand in the order of `new` instead of `old`."""
    blocks = dict(zip(old, np.split(rows, len(old)), strict=True))
    return np.concatenate([blocks[gate] for gate in new])


def join(parts: list[Parameters], layer: int) -> Parameters:
    """State-dict keys for the parameters of each direction."""
    ends = (f"_l{layer}", f"_l{layer}_reverse")
    return {
        name + end: value
        for end, part in zip(ends, parts, strict=False)
        for name, value in part.items()
    }
