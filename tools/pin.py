"""Write constraints.txt: the exact versions of all that the extras of pyproject.toml pull in.

Run it with the environment's Python (`.venv/bin/python tools/pin.py`) after a deliberate upgrade,
and record the snippets' outputs anew in the same commit. Needs `packaging`, which pytest brings.
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from rnn_book.records import write_whole

ROOT = Path(__file__).resolve().parent.parent

HEADER = """\
# The exact versions that the outputs in this book were recorded with.
# Written by tools/pin.py from the environment; pyproject.toml holds the ranges.
# torch carries no local suffix, so that a CPU build and PyPI's build both satisfy its pin.
"""


def normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(project: str) -> dict[str, str]:
    """Return name -> version of everything that `project` with all its extras needs here."""
    extras = metadata.metadata(project).get_all("Provides-Extra") or []
    todo = [(project, frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    versions: dict[str, str] = {}
    while todo:
        name, wanted = todo.pop()
        if (normalise(name), wanted) in seen:
            continue
        seen.add((normalise(name), wanted))
        found = metadata.distribution(name)
        versions[normalise(name)] = found.version.split("+")[0]
        for line in found.requires or []:
            need = Requirement(line)
            environments = [{"extra": extra} for extra in wanted] or [{"extra": ""}]
            if need.marker is None or any(need.marker.evaluate(e) for e in environments):
                todo.append((need.name, frozenset(need.extras)))
    del versions[normalise(project)]
    return versions


if __name__ == "__main__":
    versions = closure("rnn-book") | closure("hatchling")
    versions["hatchling"] = metadata.version("hatchling")
    lines = [f"{name}=={version}\n" for name, version in sorted(versions.items())]
    write_whole(ROOT / "constraints.txt", HEADER + "".join(lines))
    print(f"constraints.txt: {len(lines)} packages")
