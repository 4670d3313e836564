"""Labels for every character of Python source, by the standard library's own tokenizer."""

from __future__ import annotations

import io
import keyword
import re
import token
import tokenize

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROLES", "token_labels"]

ROLES = ("no name", "keyword", "called", "other")
"""What the roles 0 to 3 of `token_labels` mean."""

# From Python 3.12 on an f-string is many tokens, before it was one: here it is one string always.
_OPENS = {getattr(token, f"{kind}STRING_START", None) for kind in "FT"} - {None}
_CLOSES = {getattr(token, f"{kind}STRING_END", None) for kind in "FT"} - {None}


def token_labels(source: str) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Role of the name that a character belongs to, and whether it is in a string or a comment.

    Whether a name is called shows only behind it, in the parenthesis that follows: a task for a net
    that also reads backwards. That a character is in a string shows there or before.

    Parameters
    ----------
    source
        Python source, also several files one after the other.

    Returns
    -------
    roles : ndarray
        (T,), index into `ROLES`. Keywords are the hard ones; "called" is a name right before an
        opening parenthesis, unless ``def`` or ``class`` stands before it; "other" any other name.
    inside : ndarray
        (T,), booleans: in a comment, or in a string from quote to quote, with all that an f-string
        evaluates. A prefix such as the r of r"..." is outside, since only what follows tells it.

    Raises
    ------
    tokenize.TokenError, SyntaxError
        If `source` is not Python.
    """
    roles, inside = np.zeros(len(source), np.int8), np.zeros(len(source), bool)
    begins = np.cumsum([0] + [len(line) + 1 for line in source.split("\n")])

    def place(position: tuple[int, int]) -> int:
        row, column = position
        return int(begins[row - 1]) + column

    def quote(t: tokenize.TokenInfo) -> int:
        prefix = re.match("[A-Za-z]*", t.string)
        return place(t.start) + (prefix.end() if prefix else 0)

    code: list[tokenize.TokenInfo] = []  # without comments, line breaks in brackets, f-strings
    opened: list[int] = []
    for t in tokenize.generate_tokens(io.StringIO(source).readline):
        if t.type in _OPENS:
            opened.append(quote(t))
        elif not opened and t.type in (token.STRING, token.COMMENT):
            inside[quote(t) : place(t.end)] = True
        if not opened and t.type not in (token.COMMENT, token.NL):
            code.append(t)
        if t.type in _CLOSES:
            inside[opened.pop() : place(t.end)] = True

    for before, t, after in zip([None, *code], code, [*code[1:], None], strict=False):
        if t.type != token.NAME:
            continue
        defined = before is not None and before.string in ("def", "class")
        if keyword.iskeyword(t.string):
            role = "keyword"
        elif after is not None and after.string == "(" and not defined:
            role = "called"
        else:
            role = "other"
        roles[place(t.start) : place(t.end)] = ROLES.index(role)
    return roles, inside
