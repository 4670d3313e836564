"""Print a value so that both backends, and every machine, print the same text.

The outputs on the pages of the book are recorded, and both tabs of a snippet share one recording.
So the text must not depend on the backend, on NumPy's print options or on the width of a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import Any

import numpy as np

__all__ = ["show"]

LINE = 76  # characters; fits the text column of the book's pages
DECIMALS = 4
LARGE = 10**6  # from here on a float is printed as 1.2346e+06
MOST = 400  # an array with more entries is described, not printed


def show(name: str, value: object) -> None:
    """Print ``name = value``.

    Floats are rounded to at most four decimals and all floats of one call get equally many, so that
    columns line up; minus zero is printed as zero. Integers, booleans and strings look as they do
    in Python. What is closer to zero than 0.00005 is printed as zero: show a logarithm instead.
    An array of more than 400 entries is described by its shape and range.

    Parameters
    ----------
    name : str
        What to call the value.
    value : object
        A NumPy array, a torch tensor (on any device, with or without gradient), a Python or NumPy
        scalar, a string, None, or a tuple, list or dict of such values.

    Raises
    ------
    TypeError
        If `name` is not a string, or `value` holds something else than the above.

    Examples
    --------
    >>> import numpy as np
    >>> show("c", np.array([[0.12341, -0.5]]))
    c = [[0.1234, -0.5000]]
    >>> show("steps", 3)
    steps = 3
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, got {type(name).__name__}")
    plain = _plain(value)
    decimals = max((_decimals(number) for number in _floats(plain)), default=1)
    lead = f"{name} = "
    print(lead + ("\n" + " " * len(lead)).join(_lines(plain, decimals, LINE - len(lead))))


def _plain(value: Any) -> Any:
    """Turn tensors into arrays and NumPy's scalars into Python's, all the way down."""
    if hasattr(value, "detach"):  # a torch tensor, recognised without importing torch
        value = value.detach().cpu()
        # NumPy has no bfloat16; every torch float fits into a double.
        value = (value.double() if value.is_floating_point() else value).numpy()
    if isinstance(value, (np.ndarray, np.generic)):
        if value.dtype.kind not in "biufU":
            raise TypeError(f"show prints real numbers, got an array of dtype {value.dtype}")
        if value.dtype.kind == "f":
            value = value.astype(np.float64)  # longdouble has no Python counterpart
        return value if value.ndim else value.item()
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(
        "show prints arrays, tensors, numbers, strings, None, and tuples, lists and dicts of them, "
        f"got {type(value).__name__}"
    )


def _floats(plain: object) -> Iterator[float]:
    """Every float that will be printed."""
    if isinstance(plain, float):
        yield plain
    elif isinstance(plain, np.ndarray):
        if plain.dtype.kind == "f":
            yield from (plain if plain.size <= MOST else _range(plain)).ravel().tolist()
    elif isinstance(plain, (tuple, list)):
        for item in plain:
            yield from _floats(item)
    elif isinstance(plain, dict):
        for item in plain.values():
            yield from _floats(item)


def _rounded(number: float) -> Decimal:
    """Round in two stages: to eight decimals, then half away from zero to four.

    Values on a tie are common (0.03125 = 1/32, 0.12345), and two backends may land on either side
    of one by 1e-17. The first stage pulls both onto the tie, so that the second treats them alike.
    What is left is a step at 5e-9 below each tie, where no ordinary computation ends.
    """
    return Decimal(f"{number:.8f}").quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_UP)


def _is_large(number: float) -> bool:
    return abs(number) >= 2 * LARGE or abs(_rounded(number)) >= LARGE


def _decimals(number: float) -> int:
    """How many decimals are left after rounding, at least one."""
    if not isfinite(number) or _is_large(number):
        return 1
    return max(1, -int(_rounded(number).normalize().as_tuple().exponent))


def _text(plain: object, decimals: int) -> str:
    """One scalar as text."""
    if not isinstance(plain, float):
        return repr(plain)
    if not isfinite(plain):
        return str(plain)
    if _is_large(plain):
        mantissa, exponent = f"{plain:.8e}".split("e")
        rounded = Decimal(mantissa).quantize(Decimal(1).scaleb(-DECIMALS), ROUND_HALF_UP)
        if abs(rounded) == 10:
            rounded, exponent = rounded / 10, f"{int(exponent) + 1:+03d}"
        return f"{rounded:.{DECIMALS}f}e{exponent}"
    rounded = _rounded(plain)
    return f"{rounded if rounded else 0:.{decimals}f}"  # `else 0`: no minus zero


def _lines(plain: object, decimals: int, width: int) -> list[str]:
    """Lay a value out in lines of at most `width` characters, where that is possible."""
    if isinstance(plain, np.ndarray):
        return _array_lines(plain, decimals, width)
    if isinstance(plain, dict):
        leads = [f"{key!r}: " for key in plain]
        items, opening, closing = list(plain.values()), "{", "}"
    elif isinstance(plain, (tuple, list)):
        leads = [""] * len(plain)
        items = list(plain)
        opening, closing = "()" if isinstance(plain, tuple) else "[]"
        if isinstance(plain, tuple) and len(plain) == 1:
            closing = ",)"
    else:
        return [_text(plain, decimals)]
    if not isinstance(plain, dict) and not any(_is_nested(item) for item in items):
        return _filled([_text(item, decimals) for item in items], width, opening, closing)
    blocks = []
    for lead, item in zip(leads, items, strict=True):
        first, *rest = _lines(item, decimals, width - 1 - len(lead) - len(closing))
        blocks.append([lead + first, *(" " * len(lead) + line for line in rest)])
    if all(len(block) == 1 for block in blocks):
        line = opening + ", ".join(block[0] for block in blocks) + closing
        if len(line) <= width:
            return [line]
    return _stacked(blocks, opening, closing)


def _is_nested(plain: object) -> bool:
    return isinstance(plain, (np.ndarray, tuple, list, dict))


def _array_lines(array: np.ndarray, decimals: int, width: int) -> list[str]:
    if array.size == 0:
        return [f"[] of shape {array.shape}"]
    if array.size > MOST:
        low, high = (_text(end, decimals) for end in _range(array).tolist())
        return [f"{array.size} values from {low} to {high}, shape {array.shape}"]
    texts = [_text(entry, decimals) for entry in array.ravel().tolist()]
    single = ", ".join(texts)
    if array.size == array.shape[-1] and len(single) + 2 * array.ndim <= width:
        return ["[" * array.ndim + single + "]" * array.ndim]
    longest = max(map(len, texts))
    padded = np.array([text.rjust(longest) for text in texts], dtype=object)
    return _nested_lines(padded.reshape(array.shape), width)


def _range(array: np.ndarray) -> np.ndarray:
    """Return the smallest and the largest entry; a string array is ordered by Python."""
    if array.dtype.kind == "U":
        entries = array.ravel().tolist()
        return np.array([min(entries), max(entries)])
    return np.array([array.min(), array.max()])


def _nested_lines(padded: np.ndarray, width: int) -> list[str]:
    if padded.ndim == 1:
        return _filled(padded.tolist(), width, "[", "]")
    return _stacked([_nested_lines(part, width - 2) for part in padded], "[", "]")


def _filled(texts: list[str], width: int, opening: str, closing: str) -> list[str]:
    """Put as many texts on a line as fit."""
    lines = [opening]
    for position, text in enumerate(texts):
        piece = text + (closing if position == len(texts) - 1 else ",")
        start = lines[-1] in (opening, " ")
        if not start and len(lines[-1]) + 1 + len(piece) > width:
            lines.append(" ")
            start = True
        lines[-1] += piece if start else " " + piece
    return lines if texts else [opening + closing]


def _stacked(blocks: list[list[str]], opening: str, closing: str) -> list[str]:
    """Put blocks of lines below each other between brackets."""
    lines: list[str] = []
    for block in blocks:
        lines += [*block[:-1], block[-1] + ","]
    lines[-1] = lines[-1][:-1] + closing
    return [opening + lines[0], *(" " + line for line in lines[1:])]
