"""Tables, sentences and figures of the projects' chapters, made from the stored results alone.

``python -m rnn_book.projects`` writes them into a checkout of the book. Nothing on the pages is
typed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rnn_book.experiments.plots import book_style, svg
from rnn_book.projects.chapters.character_model import character_model
from rnn_book.projects.chapters.dates import dates
from rnn_book.projects.chapters.scaling import scaling
from rnn_book.projects.chapters.temperature import temperature

__all__ = ["IMAGES", "MADE", "RESULTS", "TEXTS", "files", "load"]

RESULTS = Path(__file__).parents[1] / "results"
TEXTS, IMAGES = "docs/snippets/projects/results", "images/projects"
MADE = {
    "temperature": temperature,
    "character_model": character_model,
    "scaling": scaling,
    "dates": dates,
}


def load(name: str) -> dict[str, Any] | None:
    """A stored result, None if there is none."""
    path = RESULTS / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def files() -> dict[str, str]:
    """Path in the repository and content of all that is made from the results."""
    found: dict[str, str] = {}
    for name, made in MADE.items():
        stored = load(name)
        if stored is None:
            continue
        slug = name.replace("_", "-")
        with book_style():
            texts, pictures = made(stored)
            found |= {f"{IMAGES}/{slug}-{part}.svg": svg(p) for part, p in pictures.items()}
        found |= {f"{TEXTS}/{slug}-{part}.md": f"{text}\n" for part, text in texts.items()}
    return found
