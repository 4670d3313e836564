"""Look inside a recurrent layer: every gate and every state, ours or a stock torch.nn one."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["record_gates", "tracer"]


def record_gates(
    layer: Any, x: Any, hx: Any = None, lengths: Any = None
) -> dict[str, dict[str, NDArray[np.floating]]]:
    """Run a layer in evaluation and return its gates and states at every step.

    Parameters
    ----------
    layer
        A layer of `rnn_book.numpy` or `rnn_book.torch`, or a `torch.nn.RNN`, `LSTM` or `GRU`, which
        computes with its own backend, dtype and device. It is not changed.
    x
        Input as the layer takes it: (T, N, I), (N, T, I) with `batch_first`, (T, I), or for a torch
        layer a PackedSequence.
    hx
        Initial state as the layer takes it; zeros if None.
    lengths
        Integers (N,): steps of each sequence.

    Returns
    -------
    dict
        ``"l0"``, ``"l0_reverse"``, ``"l1"`` ... -> name -> array (T, N, H), in order of time, 0
        beyond the end of a sequence. An LSTM has i, f, g, o, c, h; a GRU r, z, n, h; an RNN h.

    Raises
    ------
    TypeError
        For anything that is not a recurrent layer.
    """
    return tracer(layer).record(layer, x, hx, lengths)


def tracer(layer: Any) -> Any:
    """The module that looks into layers of this kind; PyTorch is imported for its own alone."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(layer, torch.nn.Module):
        return importlib.import_module("rnn_book.torch.traces")
    return importlib.import_module("rnn_book.numpy.traces")
