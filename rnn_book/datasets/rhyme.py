"""A short text to learn from within a second: the nursery rhyme of the house that Jack built."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Rhyme", "rhyme"]

# Traditional, first printed in 1755, so in the public domain. Each verse begins with its own line
# and then repeats all the verses before it.
_LINES = (
    ("that Jack built", "house"),
    ("that lay in", "malt"),
    ("that ate", "rat"),
    ("that killed", "cat"),
    ("that worried", "dog"),
    ("that tossed", "cow with the crumpled horn"),
    ("that milked", "maiden all forlorn"),
    ("that kissed", "man all tattered and torn"),
    ("that married", "priest all shaven and shorn"),
    ("that waked", "cock that crowed in the morn"),
    ("that kept", "farmer sowing his corn"),
)
_HELD_OUT = 2


class Rhyme(NamedTuple):
    """A text in two parts."""

    train: str
    """The first nine verses, 1,242 characters."""
    validation: str
    """The last two, 685 characters, about a cock and a farmer that the first nine do not know."""


def rhyme() -> Rhyme:
    """The rhyme "The house that Jack built", eleven verses, to learn from and to be judged on.

    Returns
    -------
    Rhyme
        Nothing is read from a file; every machine has the same text.
    """
    verses = []
    for last in range(len(_LINES)):
        lines = [f"This is the {_LINES[last][1]}"]
        for k in range(last, 0, -1):
            lines.append(f"{_LINES[k][0]} the {_LINES[k - 1][1]}")
        verses.append("\n".join(lines) + f" {_LINES[0][0]}.\n\n")
    return Rhyme("".join(verses[:-_HELD_OUT]), "".join(verses[-_HELD_OUT:]))
