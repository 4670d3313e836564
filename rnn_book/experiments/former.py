"""What a former, smaller experiment found: shown until the runs of its successor are in.

``pilots/`` holds the summary of such an experiment as <claim>.json where the successor can draw it,
else its tables as <claim>.md and its plots as SVG files, as they were drawn from its result. They
are not in the wheel. They decide nothing, and pages say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_book.experiments.seeds_shown import TO_COME, is_empty

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PILOTS", "former_figure", "former_note", "former_sections", "former_summary"]

PILOTS = Path(__file__).with_name("pilots")


def former_summary(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """A claim's summary, with the former one's parts as long as no contender is in."""
    path = PILOTS / f"{name}.json"
    if found.get("nets", True) or not path.exists():
        return dict(found)
    pilot = json.loads(path.read_text(encoding="utf-8"))
    parts = {part: value for part, value in pilot["summary"].items() if not found.get(part)}
    return {**found, **parts, "pilot": pilot["note"]}


def former_sections(name: str, sections: Mapping[str, str]) -> dict[str, str]:
    """The tables of a claim, those without a run replaced by the former ones of the same name."""
    path = PILOTS / f"{name}.md"
    if not path.exists():
        return dict(sections)
    pattern = r"<!-- --8<-- \[start:(\w+)\] -->\n(.*?)\n<!-- --8<-- \[end:"
    former = dict(re.findall(pattern, path.read_text(encoding="utf-8"), re.DOTALL))
    return {
        section: former.get(section, text) if TO_COME in text else text
        for section, text in sections.items()
    }


def former_figure(file: str, figure: Figure) -> str | None:
    """The former plot of that name, if there is one and the new one is empty."""
    path = PILOTS / file
    return path.read_text(encoding="utf-8") if path.exists() and is_empty(figure) else None


def former_note(name: str, complete: bool) -> list[str]:
    """Say below a verdict that tables or plots are the former ones, as lines of its box."""
    if complete or not (PILOTS / f"{name}.md").exists():
        return []
    return [
        "",
        "    Where the new runs are not in yet, plots and tables show what a smaller experiment "
        "found in November 2026, with five seeds and rates that were not tuned for every network. "
        "They decide nothing.",
    ]
