"""Weights to and from ONNX and Keras, and in files. Needs neither of the two libraries.

Everything goes through state dicts under torch.nn's keys, and so serves the layers of
`rnn_book.numpy`, `rnn_book.torch` and `torch.nn`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnn_book.checks import check_size
from rnn_book.parts import (
    Array,
    Parameters,
    array,
    check_shape,
    join,
    kind_of,
    reorder,
    state_dict,
    take_apart,
)
from rnn_book.records import write_whole

__all__ = ["from_keras", "from_onnx", "load", "save", "to_keras", "to_onnx"]

# The order of the gates' rows, in torch's letters: ONNX and Keras write c for g and h for n.
# Sources: https://onnx.ai/onnx/operators/ (inputs W, R, P); call() of Keras' cells, rnn/*.py.
TORCH = {"RNN": "h", "GRU": "rzn", "LSTM": "ifgo", "peephole": "ifo"}
ONNX = {"RNN": "h", "GRU": "zrn", "LSTM": "iofg", "peephole": "iof"}
KERAS = {"RNN": "h", "GRU": "zrn", "LSTM": "ifgo"}


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
    kind, parts = take_apart(source, layer)

    def stacked(name: str, order: str = kind) -> Array:
        return np.stack([reorder(p[name], TORCH[order], ONNX[order]) for p in parts])

    arrays = {"W": stacked("weight_ih"), "R": stacked("weight_hh")}
    if "bias_ih" in parts[0]:
        arrays["B"] = np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)
    if "weight_peephole" in parts[0]:
        arrays["P"] = stacked("weight_peephole", "peephole")
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
    layer = check_size("layer", layer, 0)
    if not isinstance(arrays, Mapping):
        raise TypeError(
            f"arrays must be a dict of W, R and perhaps B and P, got a {type(arrays).__name__}"
        )
    given = {name: value for name, value in arrays.items() if value is not None}
    if not {"W", "R"} <= given.keys() <= {"W", "R", "B", "P"}:
        raise ValueError(f"arrays must hold W, R and perhaps B and P, got {sorted(given, key=str)}")
    found = {name: array(name, value) for name, value in given.items()}
    r = found["R"]
    if r.ndim != 3 or r.shape[0] not in (1, 2):
        raise ValueError(
            f"R must have shape (directions, gates*H, H), 1 or 2 directions, got {r.shape}"
        )
    directions, _, hidden = r.shape
    gates, kind = kind_of("R", r.shape[1:])
    check_shape("W", found["W"], (directions, gates * hidden, None))
    if "B" in found:
        check_shape("B", found["B"], (directions, 2 * gates * hidden))
    if "P" in found:
        if kind != "LSTM":
            raise ValueError(f"P must be absent: {kind} has no peepholes, got {found['P'].shape}")
        check_shape("P", found["P"], (directions, 3 * hidden))

    orders = ONNX[kind], TORCH[kind]
    parts = []
    for d in range(directions):
        part = {"weight_ih": reorder(found["W"][d], *orders), "weight_hh": reorder(r[d], *orders)}
        if "B" in found:
            pair = np.split(found["B"][d], 2)
            part["bias_ih"], part["bias_hh"] = (reorder(b, *orders) for b in pair)
        if "P" in found:
            part["weight_peephole"] = reorder(found["P"][d], ONNX["peephole"], TORCH["peephole"])
        parts.append(part)
    return join(parts, layer)


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
    kind, parts = take_apart(source, layer)
    reset_after = _check_reset_after(kind, source, reset_after)
    if "weight_peephole" in parts[0]:
        raise ValueError("source must be a layer that Keras has, got an LSTM with peepholes")
    orders = TORCH[kind], KERAS[kind]
    weights = []
    for p in parts:
        for name in ("weight_ih", "weight_hh"):
            weights.append(reorder(p[name], *orders).T)
        if "bias_ih" in p:
            biases = np.stack([reorder(p[name], *orders) for name in ("bias_ih", "bias_hh")])
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
    layer = check_size("layer", layer, 0)
    if not isinstance(weights, list | tuple):
        raise TypeError(
            f"weights must be the list that get_weights returns, got a {type(weights).__name__}"
        )
    if len(weights) not in (2, 3, 4, 6):
        raise ValueError(
            "weights must hold kernel, recurrent kernel and perhaps bias, once a direction: "
            f"2, 3, 4 or 6 arrays, got {len(weights)}"
        )
    found = [array(f"weights[{k}]", value) for k, value in enumerate(weights)]
    each = 3 if len(found) % 3 == 0 else 2
    if found[1].ndim != 2:
        raise ValueError(f"weights[1] must have shape (H, gates*H), got {found[1].shape}")
    hidden = found[1].shape[0]
    gates, kind = kind_of("weights[1]", found[1].shape, transposed=True)
    rows = gates * hidden
    bias_shape: tuple[int, ...] = (rows,)
    if kind == "GRU" and each == 3 and found[2].ndim == 2:
        bias_shape = (2, rows)
    shapes = [(found[0].shape[0] if found[0].ndim else None, rows), (hidden, rows), bias_shape]
    for k, value in enumerate(found):
        check_shape(f"weights[{k}]", value, shapes[k % each])

    orders = KERAS[kind], TORCH[kind]
    parts = []
    for start in range(0, len(found), each):
        kernel, recurrent, *biases = found[start : start + each]
        part = {"weight_ih": reorder(kernel.T, *orders), "weight_hh": reorder(recurrent.T, *orders)}
        for bias in biases:
            pair = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
            part["bias_ih"], part["bias_hh"] = (reorder(b, *orders) for b in pair)
        parts.append(part)
    return join(parts, layer)


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
    named = state_dict(source)
    arrays = {}
    for name, value in named.items():
        if not isinstance(name, str):
            raise TypeError(f"the keys of source must be strings, got {name!r}")
        arrays[name] = np.array(array(name, value, "fiub"), order="C")
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
