"""Source code for networks that read one way or both: roles of names, strings, and the leak."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_book.datasets import Vocabulary, standard_library_source, token_labels
from rnn_book.experiments.bidirectional_nets import LATEST, NETS, Answerer, Reader, learn
from rnn_book.torch import Adam, cross_entropy

__all__ = ["leak", "tags"]

SCORED = 96
"""Characters of a window that are scored; `LATEST` more follow."""
LEAK_STEPS, BATCH = 64, 32


class Source(NamedTuple):
    """Source code as numbers, with its labels, and where windows may begin."""

    symbols: NDArray[np.int64]
    roles: NDArray[np.int8]
    inside: NDArray[np.bool_]
    begins: NDArray[np.int64]
    """Beginnings of lines outside strings and comments: what is before them decides nothing."""


class Windows(NamedTuple):
    """Equally long stretches of source, side by side."""

    symbols: Tensor
    """(T, N)"""
    roles: Tensor
    """(scored, N), as of `token_labels`: 0 where there is no name."""
    inside: Tensor
    """(scored, N), 0 or 1."""


@functools.cache
def source(characters: int | None) -> tuple[dict[str, Source], int]:
    """Training, validation and test part, and the number of symbols.

    Parameters
    ----------
    characters
        About how many of the training part are kept, None for all; a tenth as many, but for None,
        of each of the others.
    """
    corpus = standard_library_source()
    held_out = None if characters is None else characters // 10
    texts = {
        "train": beginning(corpus.train, characters),
        "validation": beginning(corpus.validation, held_out),
        "test": beginning(corpus.test, held_out),
    }
    vocabulary = Vocabulary(texts["train"])
    return {part: labelled(text, vocabulary) for part, text in texts.items()}, len(vocabulary)


def beginning(text: str, characters: int | None) -> str:
    """A text's first `characters` or fewer, up to a function or class that stands at the margin."""
    if characters is None or characters >= len(text):
        return text
    return text[: 1 + max(text.rfind(word, 0, characters) for word in ("\ndef ", "\nclass "))]


def labelled(text: str, vocabulary: Vocabulary) -> Source:
    """A text as numbers, with the labels of each character."""
    roles, inside = token_labels(text)
    symbols = vocabulary.encode(text)
    newline = np.frombuffer(text.encode("utf-32-le"), "<u4") == ord("\n")
    begins = 1 + np.flatnonzero(newline & ~inside)
    return Source(symbols, roles, inside, begins[begins + SCORED + LATEST <= len(text)])


def cut(part: Source, begins: NDArray[np.integer]) -> Windows:
    """The windows that begin at `begins`."""
    steps = np.arange(SCORED + LATEST)[:, None] + begins
    scored = steps[:SCORED]
    return Windows(
        torch.from_numpy(part.symbols[steps]),
        torch.from_numpy(part.roles[scored].astype(np.int64)),
        torch.from_numpy(part.inside[scored].astype(np.int64)),
    )


def held_out(part: Source, count: int) -> Windows:
    """At most `count` windows from all over a part, whose scored characters do not overlap."""
    chosen, end = [], 0
    for begin in part.begins:
        if begin >= end:
            chosen.append(begin)
            end = begin + SCORED
    places = np.linspace(0, len(chosen) - 1, min(count, len(chosen))).astype(int)
    return cut(part, np.array(chosen)[places])


def tag_loss(scores: Tensor, windows: Windows) -> Tensor:
    """Cross-entropy of the roles, where there are names, plus that of inside or outside.

    The first three of the scores are those of the roles, the other two of being outside or inside.
    """
    names = windows.roles > 0
    return cross_entropy(scores[..., :3], windows.roles - 1, names) + cross_entropy(
        scores[..., 3:], windows.inside
    )


def tag_accuracy(scores: Tensor, windows: Windows) -> tuple[float, float]:
    """Share of right roles among the characters of names; share of right sides among all."""
    names = windows.roles > 0
    right = (scores[..., :3].argmax(-1) == windows.roles - 1)[names]
    sides = scores[..., 3:].argmax(-1) == windows.inside
    return float(right.double().mean()), float(sides.double().mean())


def tags(
    setting: dict[str, Any], weights: np.random.Generator, draws: np.random.Generator
) -> dict[str, Any]:
    """Roles of names and insides of strings, learned by one network."""
    parts, size = source(setting["characters"])
    model = Answerer(setting["net"], size, 5, weights)
    optimiser = Adam(model, setting["rate"])
    for _ in range(setting["updates"]):
        windows = cut(parts["train"], draws.choice(parts["train"].begins, BATCH))
        learn(model, optimiser, tag_loss(model(windows.symbols), windows))
    found: dict[str, Any] = {"parameters": sum(p.numel() for p in model.parameters())}
    for part in ("validation", "test"):
        windows = held_out(parts[part], setting["windows"])
        with torch.no_grad():
            scores = model(windows.symbols)
        roles, inside = tag_accuracy(scores, windows)
        found[part] = {"loss": float(tag_loss(scores, windows)), "roles": roles, "inside": inside}
    names = windows.roles[windows.roles > 0]
    return {
        **found,
        "commonest_role": float(names.bincount().max() / len(names)),
        "commonest_side": float(windows.inside.flatten().bincount().max() / windows.inside.numel()),
    }


def leak_bits(model: Reader, stretches: NDArray[np.integer]) -> tuple[float, float]:
    """Bits per character of stretches (T + 1, N): before the last step, and at the last one.

    At the last step the next character is not among what a network that reads both ways has read.
    """
    numbers = torch.from_numpy(stretches)
    with torch.no_grad():
        scores = torch.log_softmax(model(numbers[:-1]), dim=-1)
    lost = -scores.gather(-1, numbers[1:, :, None])[..., 0].double() / math.log(2)
    return float(lost[:-1].mean()), float(lost[-1].mean())


def leak(
    setting: dict[str, Any], weights: np.random.Generator, draws: np.random.Generator
) -> dict[str, Any]:
    """The next character, which a network that reads both ways has before its eyes."""
    parts, size = source(setting["characters"])
    steps = np.arange(LEAK_STEPS + 1)[:, None]

    def stretches(part: str, begins: NDArray[np.integer]) -> NDArray[np.int64]:
        return parts[part].symbols[steps + begins]

    model = Reader(size, size, NETS[setting["net"]][0], weights)
    optimiser = Adam(model, setting["rate"])
    last = len(parts["train"].symbols) - LEAK_STEPS
    for _ in range(setting["updates"]):
        numbers = torch.from_numpy(stretches("train", draws.integers(0, last, BATCH)))
        learn(model, optimiser, cross_entropy(model(numbers[:-1]), numbers[1:]))
    found: dict[str, Any] = {"parameters": sum(p.numel() for p in model.parameters())}
    for part in ("validation", "test"):
        begins = np.linspace(
            0, len(parts[part].symbols) - LEAK_STEPS - 1, 2 * setting["windows"]
        ).astype(int)
        before, at_last = leak_bits(model, stretches(part, begins))
        found[part] = {"before_last": before, "last": at_last}
    return found
