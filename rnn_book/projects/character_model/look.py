"""The command ``look``: a page of text, coloured by what one unit did while the model read it."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_book.projects.character_model.cells import Unit, find, models, readings, search
from rnn_book.projects.character_model.checkpoint import read_weights
from rnn_book.projects.character_model.corpus import encode_all
from rnn_book.projects.refusal import Refusal
from rnn_book.records import write_whole

__all__ = ["coloured", "look", "page"]

SHOWN = 3_000
QUANTITIES = ("c", "h")


def look(weights: Path, to: Path, chosen_on: Path, scored_on: Path, unit: str | None) -> int:
    """Write the page.

    Parameters
    ----------
    weights
        A file that ``train`` wrote.
    to
        The page.
    chosen_on, scored_on
        Two files of Python source: units are chosen on the first; the second is scored and shown.
    unit
        A unit to show instead of those that the search finds.
    """
    trained = read_weights(weights)
    first, second = _source(chosen_on), _source(scored_on)
    for path, text in ((chosen_on, first), (scored_on, second)):
        encode_all(trained.vocabulary, text, path.name)
    encode = trained.vocabulary.encode
    both = models(trained)
    found = {name: search(model, first, second, encode, QUANTITIES) for name, model in both.items()}
    read = readings(both["trained"], encode(second[:SHOWN]))
    if unit is not None:
        shown = {f"unit {unit}": find(read, Unit.named(unit))}
    else:
        shown = {
            f"{feature}: {best['unit']}": best["sign"] * find(read, Unit.named(best["unit"]))
            for feature, best in found["trained"].items()
        }
    names = (chosen_on.name, scored_on.name)
    write_whole(to, page(second[:SHOWN], shown, found, names))
    print(f"wrote {to}")
    return 0


def _source(path: Path) -> str:
    if not path.is_file():
        raise Refusal(f"there is no file {path}")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is no UTF-8 text: byte {error.start} does not belong") from error
    if not text:
        raise Refusal(f"{path} is empty")
    return text


_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1c22; --edge: #c9ced8;
  --low: 36, 86, 199; --high: 192, 74, 13; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181d; --ink: #e6e8ee; --edge: #454b58;
  --low: 143, 180, 255; --high: 255, 160, 107; } }
body { background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
  margin: 0 auto; max-width: 60rem; padding: 1rem; }
pre { border: 1px solid var(--edge); overflow-x: auto; padding: .75rem; line-height: 1.45; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border-bottom: 1px solid var(--edge); padding: .25rem .75rem; text-align: left; }
.key { display: inline-block; padding: 0 .5rem; }
"""


def page(
    text: str,
    shown: dict[str, NDArray[np.floating]],
    found: dict[str, dict[str, dict[str, Any]]],
    names: tuple[str, str],
) -> str:
    """A page that needs nothing else: the search as a table, then the text in colours."""
    rows = "".join(
        f"<tr><td>{feature}</td>"
        + "".join(
            f"<td>{found[kind][feature]['unit']}</td><td>{found[kind][feature]['chosen']:.2f}</td>"
            f"<td>{found[kind][feature]['scored']:.2f}</td>"
            for kind in found
        )
        + "</tr>"
        for feature in next(iter(found.values()))
    )
    kinds = "".join(f'<th colspan="3">{kind}</th>' for kind in found)
    heads = "<th>unit</th><th>chosen on</th><th>scored on</th>" * len(found)
    parts = "".join(
        f"<h2>{html.escape(name)}</h2>\n<pre>{coloured(text, values)}</pre>\n"
        for name, values in shown.items()
    )
    first, second = map(html.escape, names)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>What single units follow</title><style>{_STYLE}</style></head><body>\n"
        "<h1>What single units follow</h1>\n"
        f"<p>For each feature the unit was chosen on {first} and scored on {second}, which it was "
        "not chosen on. The number is the area under the curve: 1 if every character with the "
        "feature has a larger value than every character without it, 0.5 for a coin. An untrained "
        "network that is searched in the same way shows how much of it is luck.</p>\n"
        f"<table><tr><th></th>{kinds}</tr><tr><th>feature</th>{heads}</tr>{rows}</table>\n"
        f"<p>Below is the beginning of {second}. "
        '<span class="key" style="background: rgba(var(--low), .6)">low</span>'
        '<span class="key" style="background: rgba(var(--high), .6)">high</span></p>\n'
        f"{parts}</body></html>\n"
    )


def coloured(text: str, values: NDArray[np.floating]) -> str:
    """Text whose background tells the values: the median is blank, the extremes are full."""
    centre = float(np.median(values))
    spread = float(np.abs(values - centre).max()) or 1.0
    levels = np.round((values - centre) / spread * 8).astype(int)
    parts: list[str] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place < len(text) and levels[place] == levels[begin]:
            continue
        piece, level = html.escape(text[begin:place]), int(levels[begin])
        colour = "--high" if level > 0 else "--low"
        parts.append(
            f'<span style="background: rgba(var({colour}), {abs(level) / 12:.2f})">{piece}</span>'
            if level
            else piece
        )
        begin = place
    return "".join(parts)
