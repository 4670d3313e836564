"""Weights to and from ONNX and Keras, and in files. Needs neither of the two libraries.

Everything goes through state dicts under torch.nn's keys, and so serves the layers of
`rnn_book.numpy`, `rnn_book.torch` and `torch.nn`.
"""

from __future__ import annotations

import numbers
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.layout import WEIGHTS
from rnn_book.records import write_whole

__all__ = ["from_keras", "from_onnx", "load", "save", "to_keras", "to_onnx"]

Array = NDArray[Any]
Parameters = dict[str, Array]

# The order of the gates' rows, in torch's letters: ONNX and Keras write c for g and h for n.
# Sources: https://onnx.ai/onnx/operators/ (inputs W, R, P); call() of Keras' cells, rnn/*.py.
KINDS = {1: "RNN", 3: "GRU", 4: "LSTM"}
TORCH = {"RNN": "h", "GRU": "rzn", "LSTM": "ifgo", "peephole": "ifo"}
ONNX = {"RNN": "h", "GRU": "zrn", "LSTM": "iofg", "peephole": "iof"}
KERAS = {"RNN": "h", "GRU": "zrn", "LSTM": "ifgo"}

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


def to_onnx(source: Any, layer: int = 0) -> Parameters:
    """Weights as the ONNX operators RNN, GRU and LSTM take them.

    Parameters
    ----------
    source
        A layer of `rnn_book.numpy`, `rnn_book.torch` or `torch.nn`, or its state dict.
    layer
        Which of the stacked layers: an ONNX operator holds one.

    Returns
    -------
    dict
        W (D, gates*H, I), R (D, gates*H, H) and, where the layer has them, B (D, 2*gates*H),
        bias_ih before bias_hh, and P (D, 3H). Rows: LSTM i, o, f, c; GRU z, r, h; peepholes i, o,
        f. A GRU fits ``linear_before_reset=1``, and ``0`` when it was built with
        ``reset_after=False``. The arrays are copies.

    Raises
    ------
    TypeError
        If `source` is no such layer, or holds what is no real number.
    ValueError
        If keys or shapes are not those of such a layer.

    Notes
    -----
    A state dict tells its kind by its rows alone: hand over the layer where it may be a variant,
    which then is refused.
    """
    kind, parts = _take_apart(source, layer)
    arrays = {}
    for name, bare in (("W", "weight_ih"), ("R", "weight_hh")):
        arrays[name] = np.stack([_reorder(p[bare], TORCH[kind], ONNX[kind]) for p in parts])
    if "bias_ih" in parts[0]:
        biases = [[p["bias_ih"], p["bias_hh"]] for p in parts]
        arrays["B"] = np.stack(
            [
                np.concatenate([_reorder(b, TORCH[kind], ONNX[kind]) for b in pair])
                for pair in biases
            ]
        )
    if "weight_peephole" in parts[0]:
        peepholes = [p["weight_peephole"] for p in parts]
        orders = TORCH["peephole"], ONNX["peephole"]
        arrays["P"] = np.stack([_reorder(p, *orders) for p in peepholes])
    return arrays


def from_onnx(arrays: Mapping[str, Any], layer: int = 0) -> Parameters:
    """Weights of an ONNX operator under torch.nn's keys: the inverse of `to_onnx`.

    Parameters
    ----------
    arrays
        W and R, perhaps B and P, as `to_onnx` returns them; None counts as absent.
    layer
        The number that the keys get: results for several layers make one state dict.

    Returns
    -------
    dict
        Without B there are no biases: load it into a layer with ``bias=False``. P becomes
        ``weight_peephole``, for a `PeepholeLSTM`. A single direction gets the keys of the forward
        one, also where ONNX runs it in reverse.

    Raises
    ------
    TypeError
        If `arrays` is no mapping, or holds what is no real number.
    ValueError
        If an array is missing or unknown, or a shape does not fit.
    """
    layer = _check_layer(layer)
    if not isinstance(arrays, Mapping):
        raise TypeError(
            f"arrays must be a dict of W, R and perhaps B and P, got a {type(arrays).__name__}"
        )
    given = {name: value for name, value in arrays.items() if value is not None}
    if not {"W", "R"} <= given.keys() <= {"W", "R", "B", "P"}:
        raise ValueError(f"arrays must hold W, R and perhaps B and P, got {sorted(given, key=str)}")
    found = {name: _array(name, value) for name, value in given.items()}
    r = found["R"]
    if r.ndim != 3 or r.shape[0] not in (1, 2):
        raise ValueError(
            f"R must have shape (directions, gates*H, H), 1 or 2 directions, got {r.shape}"
        )
    directions, _, hidden = r.shape
    gates, kind = _kind("R", r.shape[1:])
    _check_shape("W", found["W"], (directions, gates * hidden, None))
    if "B" in found:
        _check_shape("B", found["B"], (directions, 2 * gates * hidden))
    if "P" in found:
        if kind != "LSTM":
            raise ValueError(f"P must be absent: {kind} has no peepholes, got {found['P'].shape}")
        _check_shape("P", found["P"], (directions, 3 * hidden))

    orders = ONNX[kind], TORCH[kind]
    parts = []
    for d in range(directions):
        part = {"weight_ih": _reorder(found["W"][d], *orders), "weight_hh": _reorder(r[d], *orders)}
        if "B" in found:
            pair = np.split(found["B"][d], 2)
            part["bias_ih"], part["bias_hh"] = (_reorder(b, *orders) for b in pair)
        if "P" in found:
            part["weight_peephole"] = _reorder(found["P"][d], ONNX["peephole"], TORCH["peephole"])
        parts.append(part)
    return _join(parts, layer)


def to_keras(source: Any, layer: int = 0, *, reset_after: bool | None = None) -> list[Array]:
    """Weights as ``set_weights`` of keras.layers.LSTM, GRU or SimpleRNN takes them.

    Bidirectional around one of these takes them as well.

    Parameters
    ----------
    source
        A layer of `rnn_book.numpy`, `rnn_book.torch` or `torch.nn`, or its state dict.
    layer
        Which of the stacked layers: a Keras layer is one.
    reset_after
        For a GRU: where the reset acts. None asks the layer; a state dict, which does not know,
        counts as True.

    Returns
    -------
    list
        Kernel (I, gates*H), recurrent kernel (H, gates*H) and, if there are biases, the bias;
        forward, then backward. Columns: LSTM i, f, c, o; GRU z, r, h. Keras has one bias,
        (gates*H,), the sum of our two; but (2, 3H), both of them, in a GRU whose reset acts after
        the product. A layer without biases fits ``use_bias=False``. The arrays are copies.

    Raises
    ------
    TypeError
        If `source` is no such layer, or holds what is no real number.
    ValueError
        If keys or shapes are not those of such a layer; for peepholes, which Keras lacks; if
        `reset_after` contradicts the layer.
    """
    kind, parts = _take_apart(source, layer)
    reset_after = _check_reset_after(kind, source, reset_after)
    if "weight_peephole" in parts[0]:
        raise ValueError("source must be a layer that Keras has, got an LSTM with peepholes")
    orders = TORCH[kind], KERAS[kind]
    weights = []
    for p in parts:
        for name in ("weight_ih", "weight_hh"):
            weights.append(_reorder(p[name], *orders).T)
        if "bias_ih" in p:
            biases = np.stack([_reorder(p[name], *orders) for name in ("bias_ih", "bias_hh")])
            # Only n after the reset tells the two apart: r scales bias_hh there.
            weights.append(biases if kind == "GRU" and reset_after else biases.sum(axis=0))
    return weights


def from_keras(weights: Sequence[Any], layer: int = 0) -> Parameters:
    """Weights of a Keras layer under torch.nn's keys: the inverse of `to_keras`.

    Parameters
    ----------
    weights
        ``get_weights()`` of keras.layers.LSTM, GRU, SimpleRNN, or Bidirectional around one of them.
    layer
        The number that the keys get: results for several layers make one state dict.

    Returns
    -------
    dict
        A single Keras bias goes to ``bias_ih``, and ``bias_hh`` is 0. Without a bias there are
        none: load it into a layer with ``bias=False``. A GRU whose bias is (3H,) was built with
        ``reset_after=False``, and needs the same here.

    Raises
    ------
    TypeError
        If `weights` is no list of arrays of real numbers.
    ValueError
        If their number or a shape does not fit.
    """
    layer = _check_layer(layer)
    if not isinstance(weights, list | tuple):
        raise TypeError(
            f"weights must be the list that get_weights returns, got a {type(weights).__name__}"
        )
    if len(weights) not in (2, 3, 4, 6):
        raise ValueError(
            "weights must hold kernel, recurrent kernel and perhaps bias, once a direction: "
            f"2, 3, 4 or 6 arrays, got {len(weights)}"
        )
    found = [_array(f"weights[{k}]", value) for k, value in enumerate(weights)]
    each = 3 if len(found) % 3 == 0 else 2
    if found[1].ndim != 2:
        raise ValueError(f"weights[1] must have shape (H, gates*H), got {found[1].shape}")
    hidden = found[1].shape[0]
    gates, kind = _kind("weights[1]", found[1].shape, transposed=True)
    rows = gates * hidden
    bias_shape: tuple[int, ...] = (rows,)
    if kind == "GRU" and each == 3 and found[2].ndim == 2:
        bias_shape = (2, rows)
    shapes = [(found[0].shape[0] if found[0].ndim else None, rows), (hidden, rows), bias_shape]
    for k, value in enumerate(found):
        _check_shape(f"weights[{k}]", value, shapes[k % each])

    orders = KERAS[kind], TORCH[kind]
    parts = []
    for start in range(0, len(found), each):
        kernel, recurrent, *biases = found[start : start + each]
        part = {
            "weight_ih": _reorder(kernel.T, *orders),
            "weight_hh": _reorder(recurrent.T, *orders),
        }
        for bias in biases:
            pair = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
            part["bias_ih"], part["bias_hh"] = (_reorder(b, *orders) for b in pair)
        parts.append(part)
    return _join(parts, layer)


def save(path: str | os.PathLike[str], source: Any) -> None:
    """Write parameters to a safetensors file, whole or not at all.

    Parameters
    ----------
    path
        The file; one that is there is replaced at once, in a single step, and keeps its
        permissions. Where it is a symbolic link, what that points to is replaced.
    source
        A module of `rnn_book.numpy` or of torch, or a state dict. The keys and types in the file
        are those of the state dict, so that ``safetensors.torch.load_file`` reads it for a torch
        module.

    Raises
    ------
    ImportError
        Without safetensors: the extra ``files`` brings it.
    TypeError
        If `source` is neither, a key is no string, or a value is no array of numbers.
    """
    library = _safetensors()
    named = _state_dict(source)
    arrays = {}
    for name, value in named.items():
        if not isinstance(name, str):
            raise TypeError(f"the keys of source must be strings, got {name!r}")
        arrays[name] = np.array(_array(name, value, "fiub"), order="C")
    write_whole(path, library.numpy.save(arrays), parents=False)


def load(path: str | os.PathLike[str]) -> Parameters:
    """Read what `save` wrote.

    Parameters
    ----------
    path
        A safetensors file.

    Returns
    -------
    dict
        Key -> array, sorted by key, for ``load_state_dict`` of a module of `rnn_book.numpy`.
        For torch, read the file with ``safetensors.torch.load_file``.

    Raises
    ------
    ImportError
        Without safetensors: the extra ``files`` brings it.
    TypeError
        If it holds a type that NumPy lacks, such as bfloat16.
    ValueError
        If the file is not whole, or none of this format.
    """
    library = _safetensors()
    content = Path(path).read_bytes()
    try:
        found = library.numpy.load(content)
    except library.SafetensorError as error:
        raise ValueError(f"path must be a safetensors file, got {str(path)!r}: {error}") from error
    except KeyError as error:  # its table of types
        raise TypeError(
            f"path must hold arrays of types that NumPy has, got {error} in {str(path)!r}"
        ) from error
    return dict(sorted(found.items()))


def _safetensors() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "files of weights need safetensors: pip install 'rnn-book[files]'"
        ) from error
    return safetensors


def _state_dict(source: Any) -> Mapping[str, Any]:
    if isinstance(source, Mapping):
        return source
    if isinstance(source, type) or not hasattr(source, "state_dict"):
        got = source.__name__ if isinstance(source, type) else type(source).__name__
        raise TypeError(f"source must be a module or its state dict, got {got}")
    return source.state_dict()


def _array(name: str, value: Any, kinds: str = "f") -> Array:
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


def _check_layer(layer: Any) -> int:
    if isinstance(layer, bool) or not isinstance(layer, numbers.Integral):
        raise TypeError(f"layer must be an integer, got {layer!r}")
    if layer < 0:
        raise ValueError(f"layer must be 0 or more, got {layer}")
    return int(layer)


def _check_reset_after(kind: str, source: Any, reset_after: Any) -> bool:
    if reset_after is not None and not isinstance(reset_after, bool):
        raise TypeError(f"reset_after must be True, False or None, got {reset_after!r}")
    if reset_after is not None and kind != "GRU":
        raise ValueError(f"reset_after must be None: only a GRU has a reset, got {kind}")
    if isinstance(source, Mapping):
        return reset_after is not False
    own = type(getattr(source, "cell", None)).__name__ != "GRUResetBeforeStep"
    if reset_after not in (None, own):
        raise ValueError(
            f"reset_after must be {own} or None, as the layer was built, got {reset_after}"
        )
    return own


def _check_shape(name: str, value: Array, expected: tuple[int | None, ...]) -> None:
    """None stands for a size that is free."""
    fits = value.ndim == len(expected) and all(
        e in (None, s) for s, e in zip(value.shape, expected, strict=True)
    )
    if not fits:
        shape = ", ".join("I" if e is None else str(e) for e in expected)
        shape += "," * (len(expected) == 1)
        raise ValueError(f"{name} must have shape ({shape}), got {value.shape}")


def _kind(name: str, shape: tuple[int, ...], transposed: bool = False) -> tuple[int, str]:
    """The number of gates, and the kind of layer, of recurrent weights (gates*H, H)."""
    rows, hidden = reversed(shape) if transposed else shape
    gates = rows // hidden if hidden else 0
    if gates not in KINDS or gates * hidden != rows:
        what = "(H, gates*H)" if transposed else "(gates*H, H)"
        raise ValueError(
            f"{name} must be {what} with 1, 3 or 4 gates (RNN, GRU, LSTM), got {tuple(shape)}"
        )
    return gates, KINDS[gates]


def _take_apart(source: Any, layer: Any) -> tuple[str, list[Parameters]]:
    """The kind of a layer, and for each direction its parameters by bare name; checked."""
    layer = _check_layer(layer)
    named = _state_dict(source)
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
            str(key).removesuffix(end): _array(str(key), value)
            for key, value in named.items()
            if str(key).endswith(end)
        }
        if part or not parts:
            parts.append(_checked(part, suffix, named))
    if len(parts) == 2 and parts[0].keys() != parts[1].keys():
        raise ValueError(
            f"source must hold the same parameters for both directions, got {sorted(parts[0])} "
            f"and {sorted(parts[1])}"
        )
    shapes = [{n: v.shape for n, v in p.items()} for p in parts]
    if shapes[0] != shapes[-1]:
        raise ValueError(
            f"source must hold the same shapes for both directions, got {shapes[0]} and {shapes[1]}"
        )
    _, by_rows = _kind("weight_hh", parts[0]["weight_hh"].shape)
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
    _, kind = _kind(f"weight_hh_{suffix}", weight.shape)
    _check_shape(f"weight_ih_{suffix}", part["weight_ih"], (rows, None))
    for name in required[2:]:
        _check_shape(f"{name}_{suffix}", part[name], (rows,))
    if "weight_peephole" in part:
        if kind != "LSTM":
            raise ValueError(f"weight_peephole_{suffix} must be absent: {kind} has no peepholes")
        _check_shape(f"weight_peephole_{suffix}", part["weight_peephole"], (3 * hidden,))
    return part


def _reorder(rows: Array, old: str, new: str) -> Array:
    """A copy of `rows` whose blocks stand in the order of `new` instead of `old`."""
    blocks = dict(zip(old, np.split(rows, len(old)), strict=True))
    return np.concatenate([blocks[gate] for gate in new])


def _join(parts: list[Parameters], layer: int) -> Parameters:
    """State-dict keys for the parameters of each direction."""
    ends = (f"_l{layer}", f"_l{layer}_reverse")
    return {
        name + end: value
        for end, part in zip(ends, parts, strict=False)
        for name, value in part.items()
    }
