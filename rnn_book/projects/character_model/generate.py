"""Text from a model, one character after the other, the same from either backend.

Both hand float32 scores to the same code, which draws in float64 from one NumPy generator. A draw
is decided by where it falls among the probabilities, so two backends whose scores differ in the
last bit choose the same character unless a draw falls within that bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.draws import Rng, generator
from rnn_book.projects.character_model.checkpoint import Trained
from rnn_book.projects.character_model.corpus import encode_all
from rnn_book.projects.refusal import Refusal

__all__ = ["BACKENDS", "choose", "generate"]

Step = Callable[[NDArray[np.int64], Any], tuple[NDArray[np.float32], Any]]
"""Numbers (T,) of characters and a state in; scores (K,) after the last one and the state out."""

TIE = 1e-4
"""Scores this close to the best one count as equal: the first of them in the vocabulary wins."""


def generate(
    step: Step,
    trained: Trained,
    prompt: str,
    characters: int,
    *,
    temperature: float = 1.0,
    top: int | None = None,
    rng: Rng = None,
) -> Iterator[str]:
    """Write characters that continue a prompt, one by one.

    Parameters
    ----------
    step
        Of a backend: see `BACKENDS`.
    trained
        The model.
    prompt
        At least one character, all of them in the vocabulary.
    characters
        How many to write.
    temperature
        Scores are divided by it: below 1 the likely grows likelier; 0 always takes the likeliest.
    top
        Draw among so many of the likeliest characters only; None for all.
    rng
        Seed or generator; one number is drawn for each character.

    Raises
    ------
    Refusal
        If the prompt is empty or has an unknown character, or a number is out of range.
    """
    if not (temperature >= 0 and np.isfinite(temperature)):
        raise Refusal(f"--temperature must be a number from 0 on, got {temperature}")
    if top is not None and top < 1:
        raise Refusal(f"--top must be at least 1, got {top}")
    if characters < 0:
        raise Refusal(f"--characters must be at least 0, got {characters}")
    numbers = encode_all(trained.vocabulary, prompt, "the prompt")
    return _characters(step, trained, numbers, characters, temperature, top, generator(rng))


def _characters(
    step: Step,
    trained: Trained,
    numbers: NDArray[np.int64],
    characters: int,
    temperature: float,
    top: int | None,
    rng: np.random.Generator,
) -> Iterator[str]:
    state = None
    for _ in range(characters):
        scores, state = step(numbers, state)
        number = choose(scores, temperature, top, rng.random())
        numbers = np.array([number])
        yield trained.vocabulary.decode([number])


def choose(scores: NDArray[np.floating], temperature: float, top: int | None, draw: float) -> int:
    """The symbol that a draw in [0, 1) falls on; never the unknown one, number 0."""
    known = np.asarray(scores, np.float64)[1:]
    likeliest = int(np.flatnonzero(known >= known.max() - TIE)[0])
    if temperature == 0 or top == 1:
        return 1 + likeliest
    weights = np.exp((known - known.max()) / temperature)
    if top is not None and top < len(known):
        kept = np.argsort(-known, kind="stable")[:top]
        weights[np.setdiff1d(np.arange(len(known)), kept)] = 0
    edges = np.cumsum(weights)
    return 1 + int(np.searchsorted(edges, draw * edges[-1], side="right"))


def _numpy(trained: Trained) -> Step:
    from rnn_book.projects.character_model.numpy_model import CharacterModel

    model = CharacterModel.of(trained)
    return model.step


def _torch(trained: Trained) -> Step:
    import torch

    from rnn_book.projects.character_model.model import CharacterModel

    model = CharacterModel(len(trained.vocabulary), trained.settings, rng=0)
    model.load_state_dict({n: torch.from_numpy(w) for n, w in trained.weights.items()})
    model.eval()

    def step(numbers: NDArray[np.int64], state: Any) -> tuple[NDArray[np.float32], Any]:
        with torch.no_grad():
            scores, state = model(torch.from_numpy(numbers)[:, None], state)
        return scores[-1, 0].numpy(), state

    return step


BACKENDS = {"numpy": _numpy, "torch": _torch}
