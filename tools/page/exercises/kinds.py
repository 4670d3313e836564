"""What an exercise is made of, and how an answer is told right from wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Verdict(NamedTuple):
    """Whether an answer solves the exercise, and what to tell the reader."""

    solved: bool
    words: str


class Missing(Exception):
    """The reader's program lacks a name; the message says which."""


@dataclass(frozen=True)
class Coding:
    """A program to complete.

    Attributes
    ----------
    start : str
        What the reader begins with; it runs, and is no solution.
    check : callable
        Takes the names that the program has defined and gives a verdict.
    """

    start: str
    check: Callable[[Mapping[str, Any]], Verdict]


class Choice(NamedTuple):
    """One prediction, and what to tell a reader who made it."""

    text: str
    words: str


@dataclass(frozen=True)
class Prediction:
    """A question to answer before the solution is shown; the first choice is right.

    Attributes
    ----------
    order : tuple of int
        In which order the page shows the choices.
    """

    question: str
    choices: tuple[Choice, ...]
    order: tuple[int, ...]


def need(names: Mapping[str, Any], name: str) -> Any:
    """The value of a name.

    Raises
    ------
    Missing
        If the program has not defined it.
    """
    if name not in names:
        raise Missing(f"There is no `{name}` after your program has run: keep that name.")
    return names[name]


def typical(mistakes: Iterable[tuple[Any, str]], made: Callable[[Any], bool]) -> str | None:
    """What to say to the first mistake that was made, or None: then it is another one.

    Parameters
    ----------
    mistakes
        What each comes to, and what to tell the reader who made it.
    made
        Whether the answer is what a mistake comes to.
    """
    return next((words for wrong, words in mistakes if made(wrong)), None)
