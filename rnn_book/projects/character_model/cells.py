"""What one unit follows: found on one file, scored on another, beside an untrained model."""

from __future__ import annotations

import tokenize
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_book import record_gates
from rnn_book.datasets import token_labels
from rnn_book.projects.character_model.checkpoint import Trained
from rnn_book.projects.character_model.model import CharacterModel
from rnn_book.projects.character_model.scoring import load_model
from rnn_book.projects.refusal import Refusal

__all__ = ["Unit", "auc", "features", "find", "readings", "search", "untrained"]


SEARCHED = 20_000


class Unit(NamedTuple):
    """One unit of a gate or state: ``l0.c.17`` is unit 17 of c in the first layer."""

    layer: str
    quantity: str
    number: int

    def __str__(self) -> str:
        return f"{self.layer}.{self.quantity}.{self.number}"

    @classmethod
    def named(cls, name: str) -> Unit:
        """From its name.

        Raises
        ------
        Refusal
            If it is none.
        """
        layer, dot, rest = name.partition(".")
        quantity, dot, number = rest.partition(".")
        if not dot or not number.isdigit():
            raise Refusal(f"--unit must look like l0.c.17 (layer, gate or state, unit), got {name}")
        return cls(layer, quantity, int(number))


def features(source: str) -> dict[str, NDArray[np.bool_]]:
    """What each character of Python source is in the middle of, as booleans (T,).

    Raises
    ------
    Refusal
        If it is not Python.
    """
    try:
        _, quiet = token_labels(source)
    except (tokenize.TokenError, SyntaxError) as error:
        raise Refusal(f"the search needs Python source, and this is none: {error}") from error
    depth = np.zeros(len(source), int)
    indent = np.zeros(len(source), int)
    level, width, leading = 0, 0, True
    for place, character in enumerate(source):
        if not quiet[place] and character in "([{":
            level += 1
        elif not quiet[place] and character in ")]}":
            level = max(level - 1, 0)
        depth[place] = level
        if character == "\n":
            width, leading = 0, True
        elif leading and character == " ":
            width += 1
        else:
            leading = False
        indent[place] = width
    comment = np.zeros(len(source), bool)
    for place in map(int, np.flatnonzero(quiet)):
        begins = place == 0 or not quiet[place - 1]
        comment[place] = source[place] == "#" if begins else comment[place - 1]
    return {
        "inside brackets": depth > 0,
        "inside a string": quiet & ~comment,
        "inside a comment": comment,
        "indented by eight or more": indent >= 8,
    }


def readings(model: CharacterModel, numbers: NDArray[np.int64]) -> dict[str, dict[str, NDArray]]:
    """Gates and states of every layer, name -> (T, H), while the model reads a text."""
    with torch.no_grad():
        vectors = model.embedding(torch.from_numpy(numbers)[:, None])
    recorded = record_gates(model.recurrent, vectors)
    return {
        layer: {name: np.asarray(values)[:, 0] for name, values in gates.items()}
        for layer, gates in recorded.items()
    }


def find(read: dict[str, dict[str, NDArray]], unit: Unit) -> NDArray[np.floating]:
    """What one unit did, (T,).

    Raises
    ------
    Refusal
        If the model has no such unit.
    """
    values = read.get(unit.layer, {}).get(unit.quantity)
    if values is None or unit.number >= values.shape[1]:
        known = "; ".join(
            f"{layer}: {', '.join(gates)}, units 0 to {next(iter(gates.values())).shape[1] - 1}"
            for layer, gates in read.items()
        )
        raise Refusal(f"the model has no unit {unit}; it has {known}")
    return values[:, unit.number]


def auc(values: NDArray[np.floating], labels: NDArray[np.bool_]) -> float:
    """Chance that a place with the label has a larger value than a place without; ties count half.

    1 or 0 is perfect, 0.5 is what a coin would reach.
    """
    positive = int(labels.sum())
    negative = len(labels) - positive
    if not positive or not negative:
        return 0.5
    _, rank, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2  # mean rank of equal values
    total = middle[rank][labels].sum()
    return float((total - positive * (positive + 1) / 2) / (positive * negative))


def search(
    model: CharacterModel, chosen_on: str, scored_on: str, encode: Any, quantities: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """For each feature the unit that follows it best on one text, and how well on another.

    Parameters
    ----------
    model
        Trained or not.
    chosen_on, scored_on
        Python source, of which the first 20,000 characters are read: the unit is chosen on the
        first text, and only that one is scored on the second.
    encode
        From text to numbers.
    quantities
        Gates and states to look at, such as c.

    Returns
    -------
    dict
        Feature -> ``unit``, ``sign`` (1 if it rises with the feature, else -1), and the two areas
        under the curve, ``chosen`` and ``scored``, with the sign that was chosen.
    """
    first, second = (
        {name: label[:SEARCHED] for name, label in features(text).items()}
        for text in (chosen_on, scored_on)
    )
    read, again = (readings(model, encode(text[:SEARCHED])) for text in (chosen_on, scored_on))
    seen = [
        (layer, quantity, areas(gates[quantity], list(first.values())))
        for layer, gates in read.items()
        for quantity in quantities
        if quantity in gates
    ]
    if not seen:
        raise Refusal(f"the model has none of {', '.join(quantities)}")
    found = {}
    for row, (feature, labels) in enumerate(first.items()):
        _, layer, quantity, number = max(
            (abs(area - 0.5), layer, quantity, number)
            for layer, quantity, table in seen
            for number, area in enumerate(table[row])
        )
        best = Unit(layer, quantity, number)
        sign = 1 if auc(find(read, best), labels) >= 0.5 else -1
        found[feature] = {
            "unit": str(best),
            "sign": sign,
            "chosen": auc(sign * find(read, best), labels),
            "scored": auc(sign * find(again, best), second[feature]),
        }
    return found


def areas(values: NDArray[np.floating], labels: list[NDArray[np.bool_]]) -> NDArray[np.floating]:
    """`auc` of every unit (T, H) for every feature, (features, H); ties are broken by place."""
    rank = np.empty(values.shape, np.float64)
    order = np.argsort(values, axis=0, kind="stable")
    np.put_along_axis(rank, order, np.arange(1.0, len(values) + 1)[:, None], axis=0)
    found = []
    for label in labels:
        positive, negative = int(label.sum()), int((~label).sum())
        if not positive or not negative:
            found.append(np.full(values.shape[1], 0.5))
            continue
        total = label.astype(np.float64) @ rank
        found.append((total - positive * (positive + 1) / 2) / (positive * negative))
    return np.array(found)


def untrained(trained: Trained, seed: int) -> CharacterModel:
    """A model of the same sizes with weights that nobody trained."""
    return CharacterModel(len(trained.vocabulary), trained.settings, rng=seed).eval()


def models(trained: Trained, seed: int = 1) -> dict[str, CharacterModel]:
    """The two that are compared."""
    return {"trained": load_model(trained), "untrained": untrained(trained, seed)}
