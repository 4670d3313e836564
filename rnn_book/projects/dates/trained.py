"""The two networks that ship with the package, for either half."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Literal

import numpy as np

from rnn_book.projects.dates.lines import ISO, WRITTEN

__all__ = ["TRAINED", "date_model"]

TRAINED: dict[str, Literal["dot"] | None] = {"attention": "dot", "vector": None}
"""Their names, and their attention."""


def date_model(kind: Any, name: str = "attention") -> Any:
    """An encoder-decoder that has learned to write dates in ISO form, in float64, in evaluation.

    Its weights were made by ``python -m rnn_book.projects.dates``, and rounded to half precision.

    Parameters
    ----------
    kind
        `rnn_book.numpy.EncoderDecoder`, or the one of `rnn_book.torch`.
    name
        ``"attention"``, or ``"vector"``: the same network without attention.

    Raises
    ------
    ValueError
        For another name.
    """
    if name not in TRAINED:
        raise ValueError(f"name must be 'attention' or 'vector', got {name!r}")
    model = kind(len(WRITTEN), len(ISO), attention=TRAINED[name], rng=0, dtype="float64")
    weights = model.state_dict()
    path = files("rnn_book") / "data" / f"dates-{name}.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        for key in arrays.files:
            value = arrays[key].astype(np.float64)
            # Where the weights are tensors, a tensor like them.
            weights[key] = getattr(weights[key], "new_tensor", np.asarray)(value)
    model.load_state_dict(weights)
    return model.eval()
