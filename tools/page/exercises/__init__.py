"""Exercises that answer back: what the page asks, and the checkers that page and tests share."""

from __future__ import annotations

from typing import Any

from tools.page import running
from tools.page.exercises import (
    attention,
    backward_in_time,
    backward_pass,
    endless_streams,
    forget_gate,
    gru,
    improvements,
    in_practice,
    long_lags,
    memory_cell,
    other_ways_out,
    practice,
    squashing,
    training,
    training_and_vanishing,
    variants,
    why_memory,
)
from tools.page.exercises.kinds import Coding, Missing, Prediction, Verdict

__all__ = ["EXERCISES", "Coding", "Prediction", "check", "judge"]

EXERCISES: dict[str, Coding | Prediction] = {
    **attention.EXERCISES,
    **backward_in_time.EXERCISES,
    **backward_pass.EXERCISES,
    **endless_streams.EXERCISES,
    **forget_gate.EXERCISES,
    **gru.EXERCISES,
    **improvements.EXERCISES,
    **in_practice.EXERCISES,
    **long_lags.EXERCISES,
    **memory_cell.EXERCISES,
    **practice.EXERCISES,
    **squashing.EXERCISES,
    **training.EXERCISES,
    **training_and_vanishing.EXERCISES,
    **variants.EXERCISES,
    **why_memory.EXERCISES,
    **other_ways_out.EXERCISES,
}
"""Exercise by name: page, then exercise, as the solution's snippet is called."""


def judge(name: str, names: dict[str, Any]) -> Verdict:
    """Judge what a program for an exercise has defined.

    Raises
    ------
    KeyError
        If there is no such exercise.
    """
    exercise = EXERCISES[name]
    if not isinstance(exercise, Coding):
        raise KeyError(name)
    try:
        return exercise.check(names)
    except Missing as missing:
        return Verdict(False, str(missing))
    except Exception as error:  # the reader's function is called with values of the checker's
        return Verdict(False, f"It ran, but the check ended with {type(error).__name__}: {error}")


def check(name: str, code: str) -> dict[str, Any]:
    """Run a reader's program and judge it.

    Parameters
    ----------
    name : str
        Of the exercise.
    code : str
        The program.

    Returns
    -------
    dict
        As `running.run`, with ``printed``, ``solved`` and ``words``.
    """
    printed: list[str] = []
    names: dict[str, Any] = {}
    result = running.run(code, printed.append, names=names)
    verdict = Verdict(False, "The program ends with an error before it can be checked.")
    if result["error"] is None:
        verdict = judge(name, names)
    return result | {"printed": "".join(printed), **verdict._asdict()}
