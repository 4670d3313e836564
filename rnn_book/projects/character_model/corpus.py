"""Texts: the two that every Python brings along, or any file of one's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.datasets import Vocabulary, reference_text, standard_library_source, streams
from rnn_book.projects.refusal import Refusal

__all__ = ["TEXTS", "Text", "encode_all", "load_text", "pieces", "pieces_in_a_pass"]

TEXTS = {"source": standard_library_source, "reference": reference_text}


@dataclass(frozen=True)
class Text:
    """A text in three parts."""

    name: str
    train: str = field(repr=False)
    validation: str = field(repr=False)
    test: str = field(repr=False)

    @property
    def record(self) -> dict[str, Any]:
        """What a checkpoint remembers of its text."""
        whole = self.train + "\0" + self.validation + "\0" + self.test
        parts = {part: len(getattr(self, part)) for part in ("train", "validation", "test")}
        return {
            "name": self.name,
            "sha256": hashlib.sha256(whole.encode()).hexdigest(),
            **{f"{part}_characters": count for part, count in parts.items()},
        }


def load_text(name: str) -> Text:
    """``source``, ``reference``, or a path to a file in UTF-8.

    A file is cut in order: the first 90 % are for training, then 5 % for validation, 5 % for test.

    Raises
    ------
    Refusal
        If there is no such file, it is no UTF-8, or empty.
    """
    if name in TEXTS:
        corpus = TEXTS[name]()
        return Text(name, corpus.train, corpus.validation, corpus.test)
    path = Path(name)
    if not path.is_file():
        raise Refusal(f"--text must be {', '.join(TEXTS)} or a file, and there is no file {name}")
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Refusal(f"{name} is no UTF-8 text: byte {error.start} does not belong") from error
    if not text:
        raise Refusal(f"{name} is empty")
    first, second = len(text) * 9 // 10, len(text) * 19 // 20
    return Text(path.name, text[:first], text[first:second], text[second:])


def encode_all(vocabulary: Vocabulary, text: str, where: str) -> NDArray[np.int64]:
    """Numbers of a text whose characters must all be known.

    Raises
    ------
    Refusal
        If one is not, or the text is empty.
    """
    if not text:
        raise Refusal(f"{where} is empty: give at least one character")
    numbers = vocabulary.encode(text)
    unknown = np.flatnonzero(numbers == 0)
    if len(unknown):
        place = int(unknown[0])
        raise Refusal(
            f"{where} holds {text[place]!r} (character {place + 1}), which the model's vocabulary "
            "lacks"
        )
    return numbers


def pieces_in_a_pass(length: int, batch: int, steps: int) -> int:
    """Updates in one pass over a text.

    Raises
    ------
    Refusal
        If the text is too short for one full piece in each stream.
    """
    inputs = length // batch - 1
    if inputs < steps:
        raise Refusal(
            f"the training text has {length} characters, and {batch} streams of {steps} steps "
            f"need at least {batch * (steps + 1)}: take a longer text, or a smaller --batch or "
            "--steps"
        )
    return inputs // steps


def pieces(
    numbers: NDArray[np.int64], batch: int, steps: int, seed: int, update: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """Inputs and targets (T, N) of an update, and whether a pass begins with it.

    Each pass cuts the text into streams at another place. What an update reads depends on its
    number alone, so nothing about the data needs to be remembered.
    """
    count = pieces_in_a_pass(len(numbers), batch, steps)
    number, piece = divmod(update, count)
    turn = int(np.random.default_rng([seed, number]).integers(len(numbers)))
    stream = streams(np.roll(numbers, -turn), batch)
    begin = piece * steps
    return stream[begin : begin + steps], stream[begin + 1 : begin + steps + 1], piece == 0
