"""What a claim leaves behind: its result as JSON, and the tables and figures that pages include.

Tables and figures are made from the JSON alone, so that they can be compared with it. The runs are
a file of their own (`store`). Nothing is ever written into an installed package.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnn_book.experiments import store as runs_
from rnn_book.experiments.claims import Claim, Run, Verdict, claim
from rnn_book.experiments.plots import book_style, svg
from rnn_book.experiments.provenance import checkout, machine, versions
from rnn_book.experiments.runner import PACKAGES, code_of, file_of, plain, progress_of
from rnn_book.records import write_whole

__all__ = [
    "RESULTS",
    "ROOT",
    "NoResultError",
    "duration",
    "files",
    "load",
    "result",
    "runs",
    "store",
    "summary_of",
    "write",
]

SOURCES = checkout()
ROOT = SOURCES or Path.cwd() / "rnn_book-experiments"
"""Where all is written: the checkout, or where there is none a folder in the current one."""
RESULTS = SOURCES / "rnn_book" / "experiments" / "results" if SOURCES else ROOT / "results"
KEYS = {"claim", "title", "question", "provenance", "verdict", "summary"}
RULE = "The rule, fixed beforehand"
"""What is said of a claim's rule, unless its module says otherwise."""
ICONS = {
    "held": "success",
    "held partly": "warning",
    "not held": "failure",
    "undecided": "question",
}


class NoResultError(ValueError):
    """There is no result to read; the message says what to do."""


def result(name: str, runs: Sequence[Run]) -> dict[str, Any]:
    """All that is stored of a claim besides its runs: what was asked, where and when, the verdict.

    If runs of the plan are missing, the verdict is "undecided", whatever the others say.
    """
    module = claim(name)
    far = progress_of(module, False, runs)
    summary = summary_of(name, runs)
    data = getattr(module, "data", list)
    ran = {
        "code": code_of(module),
        "runs": len(runs),
        "cpu_seconds": round(sum(run.cpu_seconds for run in runs)),
    }
    return {
        "claim": name,
        "title": module.TITLE,
        "question": module.QUESTION,
        "provenance": {
            **_machine(name, ran),
            "versions": versions(PACKAGES),
            "code": ran["code"],
            "data": plain(data()),
            "seeds": module.SEEDS,
            "runs": ran["runs"],
            "complete": far.complete,
            "cpu_seconds": ran["cpu_seconds"],
        },
        "verdict": verdict(module, summary, len(runs), far.complete)._asdict(),
        "summary": summary,
    }


def _machine(name: str, ran: dict[str, Any]) -> dict[str, str]:
    """Where and when it last ran: what the stored result says, if nothing has run since."""
    here = machine()
    try:
        found = load(name)
    except NoResultError:
        return here
    if found is None or any(found["provenance"].get(key) != ran[key] for key in ran):
        return here
    return {key: found["provenance"][key] for key in here}


def summary_of(name: str, runs: Sequence[Run]) -> dict[str, Any]:
    """The summary of a claim, as it is stored."""
    return plain(claim(name).summarise(runs))


def verdict(module: Claim, summary: dict[str, Any], runs: int, complete: bool) -> Verdict:
    """The claim's own verdict, or "undecided" as long as runs are missing."""
    found = module.verdict(summary)
    if complete:
        return found
    text = f"{runs} of about {module.COST.runs} runs are in, too few to tell."
    if not runs:
        text = f"None of about {module.COST.runs} runs is in yet."
    return Verdict("undecided", found.rule, f"{text} {found.text}".strip())


def store(found: dict[str, Any]) -> Path:
    """Store a result, whole or not at all."""
    path = RESULTS / f"{found['claim']}.json"
    write_whole(path, json.dumps(found, indent=1, allow_nan=False) + "\n")
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


def runs(found: dict[str, Any]) -> list[Run]:
    """The runs from which a stored result was made, in the order of the plan."""
    name, code = found["claim"], found["provenance"]["code"]
    kept = [line.run for line in runs_.read(file_of(name)) if line.code == code]
    return progress_of(claim(name), False, kept).runs


def files(found: dict[str, Any]) -> dict[str, str]:
    """Path in the repository and content of everything that is made from a result."""
    name, module = found["claim"], claim(found["claim"])
    sections = {
        **module.tables(found["summary"]),
        "verdict": _verdict(found),
        "details": _details(found),
        "row": _row(found),
    }
    texts = {
        f"docs/snippets/results/{name}.md": "\n".join(
            f"<!-- --8<-- [start:{section}] -->\n{text.strip()}\n<!-- --8<-- [end:{section}] -->\n"
            for section, text in sections.items()
        )
    }
    with book_style():
        for part, picture in module.figures(found["summary"]).items():
            file = f"{name}{part and '-' + part}.svg"
            texts[f"images/experiments/{file}"] = svg(picture)
    return texts


def write(name: str) -> list[str]:
    """Write tables and figures of a stored result; returns their paths in the repository.

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
    """The claim and what came of it, for a page."""
    verdict = found["verdict"]
    lines = [
        f'!!! {ICONS[verdict["status"]]} "{found["question"]} {verdict["status"].capitalize()}."',
        "",
        f"    {verdict['text'][:1].upper()}{verdict['text'][1:]}",
    ]
    return "\n".join(lines)


def _row(found: dict[str, Any]) -> str:
    """The claim and its verdict, as a row of the table of all claims."""
    return (
        f"| [{found['question'].removesuffix('.')}](#{found['claim'].replace('_', '-')}) "
        f"| {found['verdict']['status']} |"
    )


def _details(found: dict[str, Any]) -> str:
    """The rule, where and when, what is missing, and what was said before; folded."""
    where, module = found["provenance"], claim(found["claim"])
    command = f"python -m rnn_book.experiments {found['claim']}"
    measured = (
        ""
        if not where["runs"]
        else (
            f"{where['runs']} runs, {where['seeds']} seeds per setting, "
            f"{duration(where['cpu_seconds'])} of one core on {where['processor']}, last on "
            f"{where['date']}."
        )
    )
    if where["complete"]:
        again = f"Run it yourself, which takes about as long: `{command}`."
    else:
        again = (
            f"All of it is about {module.COST.runs} runs and takes about "
            f"{duration(60 * module.COST.minutes)} of one core. `{command}` goes on with what is "
            "missing, and can be interrupted."
        )
    lines = [
        '??? note "How it was decided"',
        "",
        f"    {getattr(module, 'RULE', RULE)}: {found['verdict']['rule']}",
        "",
        f"    {f'{measured} {again}'.strip()}",
    ]
    changes = getattr(module, "CHANGES", "")
    if changes:
        lines += ["", f"    *What changed.* {changes}"]
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """A time in words."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 120 * 60 else f"{seconds / 3600:.1f} hours"
