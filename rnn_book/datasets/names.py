"""Surnames of twelve languages: short sequences to classify."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.checks import check_size
from rnn_book.datasets.splits import stratified
from rnn_book.datasets.vocabulary import Vocabulary
from rnn_book.draws import Rng, generator

__all__ = ["Names", "Surnames", "surnames"]


@dataclass(frozen=True)
class Names:
    """Some names and the languages they belong to."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    """(N,): index into `Surnames.languages`."""

    def __len__(self) -> int:
        return len(self.texts)

    def encode(self, vocabulary: Vocabulary) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Letters as numbers (T, N), filled up with 0, and lengths (N,)."""
        return vocabulary.encode_batch(self.texts)

    def sample(self, size: int, *, rng: Rng) -> Names:
        """Draw `size` names, of each language its share, give or take one.

        Raises
        ------
        ValueError
            If `size` is below 1 or above the number of names.
        """
        size = check_size("size", size)
        if size > len(self):
            raise ValueError(f"size must be at most {len(self)}, the number of names, got {size}")
        order = generator(rng).permutation(len(self))
        # A name's rank within its language, over that language's size: sorted, it takes all alike.
        ranks = np.zeros(len(self))
        for language in np.unique(self.labels):
            own = order[self.labels[order] == language]
            ranks[own] = (np.arange(len(own)) + 0.5) / len(own)
        return self[order[np.argsort(ranks[order], kind="stable")[:size]]]

    def __getitem__(self, index: NDArray[np.integer]) -> Names:
        index = np.asarray(index)
        return Names(tuple(self.texts[i] for i in index), self.labels[index])


@dataclass(frozen=True)
class Surnames:
    """Names in three parts, each with every language in the same proportion."""

    languages: tuple[str, ...]
    train: Names = field(repr=False)
    validation: Names = field(repr=False)
    test: Names = field(repr=False)
    vocabulary: Vocabulary = field(repr=False)
    """Letters of the training names."""
    report: dict[str, float]
    """Counts, and the share of the commonest language in the test names: what guessing scores."""
    sha256: str
    """Hash of the file."""

    @property
    def provenance(self) -> dict[str, Any]:
        """What to write into a result."""
        return {"name": "surnames", "names": self.report["names"], "sha256": self.sha256}


def surnames(*, rng: Rng = 0) -> Surnames:
    """Surnames by language, from the lists of Faker (MIT), shipped with this package.

    A name's language is the one of the country whose list it stands on. Names that several of the
    languages share were left out, so an answer is never ambiguous; tools/make_surnames.py tells how
    the file was made.

    Parameters
    ----------
    rng
        Seed or generator of the split: of every language 70 % training, 15 % validation, 15 % test.

    Returns
    -------
    Surnames
        Twelve languages, 4,724 names.
    """
    raw = (files("rnn_book") / "data" / "surnames.tsv").read_bytes()
    rows = [line.split("\t") for line in raw.decode().splitlines()]
    languages = tuple(sorted({language for language, _ in rows}))
    labels = np.array([languages.index(language) for language, _ in rows])
    everything = Names(tuple(name for _, name in rows), labels)
    train, validation, test = (everything[part] for part in stratified(labels, rng))
    report = {
        "names": len(rows),
        "languages": len(languages),
        "letters": len(set("".join(everything.texts))),
        "longest": max(map(len, everything.texts)),
        "train": len(train),
        "validation": len(validation),
        "test": len(test),
        "commonest_share": max(Counter(test.labels.tolist()).values()) / len(test),
    }
    return Surnames(
        languages,
        train,
        validation,
        test,
        Vocabulary(train.texts),
        report,
        hashlib.sha256(raw).hexdigest(),
    )
