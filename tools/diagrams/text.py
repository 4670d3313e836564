"""Typesetting of labels: a small markup for mathematics, and estimates of how wide a label is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

#: Size of a subscript relative to its base, and how far it is lowered, in base sizes.
SUBSCRIPT, DROP = 0.78, 0.22

#: The d of a gradient, as in ``dc_t``, is a sign of its own.
_TOKEN = re.compile(r"(?P<d>d(?=[a-z]_))|[_^]\{[^}]*\}|[_^].|[A-Za-z]+|[^A-Za-z_^]+")
_SIGNS = {"-": "−", "*": "⊙"}

_NARROW = set("ijl.,:;'|!·")
_SLIM = set("frt()[]/- I")
_WIDE = set("mwMW@%")


@dataclass(frozen=True)
class Run:
    """A piece of a label in one style; level -1 is a subscript, +1 a superscript."""

    text: str
    italic: bool
    level: int = 0


def _runs(markup: str, level: int) -> list[Run]:
    runs: list[Run] = []
    for found in _TOKEN.finditer(markup):
        token = found[0]
        if token[0] in "_^" and len(token) > 1:
            inner = token[2:-1] if token[1] == "{" else token[1:]
            runs.extend(_runs(inner, -1 if token[0] == "_" else 1))
        else:
            # Letters are variables (W_{fx}); a word (tanh) or an abbreviation (LN) is upright.
            letters = token.isascii() and token.isalpha()
            italic = (
                letters
                and not found["d"]
                and (len(token) == 1 or (len(token) == 2 and token.islower()))
            )
            text = "".join(_SIGNS.get(sign, sign) for sign in token)
            runs.append(Run(text, italic, level))
    return runs


def typeset(markup: str) -> list[Run]:
    """Split mathematics such as ``c_t = f_t * c_{t-1}`` into runs; ``*`` is elementwise."""
    return _runs(markup, 0)


def advance(text: str) -> float:
    """Estimate the width of plain text in font sizes, on the generous side."""
    total = 0.0
    for sign in text:
        if sign in _NARROW:
            total += 0.28
        elif sign in _SLIM:
            total += 0.35
        elif sign in _WIDE:
            total += 0.87
        elif sign.isupper():
            total += 0.69
        elif sign.isascii():
            total += 0.56
        else:
            total += 0.70
    return total


def number(value: float) -> str:
    """Write a coordinate with at most one decimal and no minus zero."""
    tenths = round(value * 10)
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def span(run: Run, level: int, size: float, paint: str) -> str:
    """One run of mathematics; ``level`` is where the run before it stood."""
    shift = (level - run.level) * DROP * size
    classes = " ".join(name for name in ("v" if run.italic else "", paint) if name)
    attributes = f' class="{classes}"' if classes else ""
    attributes += f' dy="{number(shift)}"' if shift else ""
    attributes += f' font-size="{number(SUBSCRIPT * size)}"' if run.level else ""
    return f"<tspan{attributes}>{escape(run.text)}</tspan>" if attributes else escape(run.text)
