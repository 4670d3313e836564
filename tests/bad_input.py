"""Rows of the tables of bad input, and what must hold of each.

Where torch.nn has the same error, a row holds the call of torch that raises it, of the same type.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch


@dataclass
class Row:
    """One way to go wrong."""

    call: Any
    error: type[Exception]
    words: tuple[str, ...]
    torch: Any = None


def raises_as_told(row, *arguments):
    with pytest.raises(row.error) as caught:
        row.call(*arguments)
    message = str(caught.value)
    for word in row.words:
        assert re.search(word, message), f"{word!r} not in {message!r}"
    if row.torch is not None:
        with pytest.raises(row.error) as theirs:
            row.torch()
        assert type(caught.value) is type(theirs.value)


def zeros(*shape, dtype=np.float32):
    return np.zeros(shape, dtype)


def tensor(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype)
