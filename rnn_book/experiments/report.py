"""What a claim leaves behind: its result as JSON, and the table and figure that pages include.

Table and figure are made from the JSON alone, so that they can be compared with it. Nothing is
ever written into an installed package.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnn_book.experiments.claims import Run, claim
from rnn_book.experiments.runner import PACKAGES, plain
from rnn_book.plots import svg
from rnn_book.records import checkout, machine, versions, write_whole

__all__ = ["RESULTS", "ROOT", "NoResultError", "files", "load", "result", "store", "write"]

SOURCES = checkout()
ROOT = SOURCES or Path.cwd() / "rnn_book-experiments"
"""Where all is written: the checkout, or where there is none a folder in the current one."""
RESULTS = SOURCES / "rnn_book" / "experiments" / "results" if SOURCES else ROOT / "results"
KEYS = {"claim", "title", "question", "provenance", "verdict", "summary", "runs"}
ICONS = {"held": "success", "held partly": "warning", "not held": "failure"}


class NoResultError(ValueError):
    """There is no result to read; the message says what to do."""


def result(name: str, runs: Sequence[Run]) -> dict[str, Any]:
    """All that is stored of a claim: what was asked, where and when, every run, and the verdict."""
    module = claim(name)
    summary = plain(module.summarise(runs))
    data = getattr(module, "data", list)
    return {
        "claim": name,
        "title": module.TITLE,
        "question": module.QUESTION,
        "provenance": {
            **machine(),
            "versions": versions(PACKAGES),
            "data": plain(data()),
            "seeds": 1 + max(run.index for run in runs),
            "runs": len(runs),
            "cpu_seconds": round(sum(run.cpu_seconds for run in runs)),
        },
        "verdict": module.verdict(summary)._asdict(),
        "summary": summary,
        "runs": [run._asdict() for run in runs],
    }


def store(found: dict[str, Any]) -> Path:
    """Store a result, whole or not at all, a run a line."""
    runs = ",\n  ".join(json.dumps(run, allow_nan=False) for run in found["runs"])
    head = json.dumps({**found, "runs": []}, indent=1, allow_nan=False)
    path = RESULTS / f"{found['claim']}.json"
    write_whole(path, head.removesuffix("[]\n}") + f"[\n  {runs}\n ]\n}}\n")
    return path


def load(name: str) -> dict[str, Any] | None:
    """The stored result of a claim, None if it was never run.

    Raises
    ------
    NoResultError
        If its file is damaged.
    """
    path = RESULTS / f"{name}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= KEYS:
        raise NoResultError(f"{path} is damaged: delete it, and run {name} again")
    return found


def files(found: dict[str, Any]) -> dict[str, str]:
    """Path in the repository and content of everything that is made from a result."""
    name, module = found["claim"], claim(found["claim"])
    sections = {**module.tables(found["summary"]), "verdict": _verdict(found)}
    texts = {
        f"docs/snippets/results/{name}.md": "\n".join(
            f"<!-- --8<-- [start:{section}] -->\n{text.strip()}\n<!-- --8<-- [end:{section}] -->\n"
            for section, text in sections.items()
        )
    }
    for part, picture in module.figures(found["summary"]).items():
        texts[f"images/experiments/{name}{part and '-' + part}.svg"] = svg(picture)
    return texts


def write(name: str) -> list[str]:
    """Write table and figures of a stored result; returns their paths in the repository.

    Raises
    ------
    NoResultError
        If the claim has no stored result, or a damaged one.
    """
    found = load(name)
    if found is None:
        raise NoResultError(f"{name} has no result in {RESULTS} yet; run it first")
    texts = files(found)
    for path, text in texts.items():
        write_whole(ROOT / path, text)
    return list(texts)


def _verdict(found: dict[str, Any]) -> str:
    verdict, where = found["verdict"], found["provenance"]
    lines = [
        f'!!! {ICONS[verdict["status"]]} "{found["question"]} {verdict["status"].capitalize()}."',
        "",
        f"    {verdict['text']}",
        "",
        f"    The rule: {verdict['rule']} Measured on {where['date']} in {_span(where)}, "
        f"{where['runs']} runs with {where['seeds']} seeds, on {where['processor']}. Once more: "
        f"`python -m rnn_book.experiments {found['claim']}`.",
    ]
    return "\n".join(lines)


def _span(where: dict[str, Any]) -> str:
    seconds = where["cpu_seconds"]
    return f"{seconds / 60:.0f} CPU minutes" if seconds >= 120 else f"{seconds} CPU seconds"
