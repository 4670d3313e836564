"""The command ``sample``: text that streams to the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from rnn_book.projects.character_model.checkpoint import read_weights
from rnn_book.projects.character_model.generate import BACKENDS, generate

__all__ = ["sample"]


def sample(
    weights: Path,
    backend: str,
    prompt: str,
    characters: int,
    temperature: float,
    top: int | None,
    seed: int | None,
) -> int:
    """Write the prompt and what follows it, one character after the other."""
    trained = read_weights(weights)
    step = BACKENDS[backend](trained)
    text = generate(step, trained, prompt, characters, temperature=temperature, top=top, rng=seed)
    out = sys.stdout
    out.write(prompt)
    for character in text:
        out.write(character)
        out.flush()
    out.write("\n")
    return 0
