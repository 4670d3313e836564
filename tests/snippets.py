"""Run the snippets of the book, compare what they print, record it.

A short library of our own. pytest-examples takes pytest down with a failing example, and sybil and
its like execute the include lines.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rnn_book.records import write_whole
from tests import markdown
from tests import snippet_rules as rules
from tests.forks import GUARDED, Forks
from tests.snippet_rules import Snippet

SECONDS = 120  # for one snippet; they take about three

# What the interpreter that is forked for a snippet has imported. PyTorch's tabs are computed by
# PyTorch, without the NumPy half.
LIBRARIES = {"numpy": ("rnn_book.numpy",), "torch": ("rnn_book.torch", "-rnn_book.numpy")}


@dataclass(frozen=True)
class Run:
    """What one execution left behind."""

    returncode: int
    stdout: str
    stderr: str


# ------------------------------------------------------------------------------------------ runs


class Runner:
    """Run snippets, two at a time, each in an interpreter and an empty folder of its own.

    A source that was run already is not run again: a copy of the docs costs nothing. Nothing is
    kept beyond the process.

    Parameters
    ----------
    workers
        Number of snippets that run at a time.
    warm
        Whether interpreters are forked from one that has imported the half of the package, which
        saves two seconds per snippet. Outputs are recorded in interpreters that were started anew.
    """

    def __init__(self, workers: int = 2, *, warm: bool = False) -> None:
        self._pool = ThreadPoolExecutor(workers)
        self._runs: dict[str, Future[Run]] = {}
        self._servers = threading.local() if warm and sys.platform == "linux" else None
        self._started: list[Forks] = []

    def start(self, snippet: Snippet) -> Future[Run]:
        """Queue a snippet."""
        source = snippet.path.read_text(encoding="utf-8")
        if source not in self._runs:
            self._runs[source] = self._pool.submit(self._execute, snippet)
        return self._runs[source]

    def run(self, snippet: Snippet) -> Run:
        """Wait for the result of a snippet."""
        return self.start(snippet).result()

    def close(self) -> None:
        """Drop what is still queued."""
        self._pool.shutdown(cancel_futures=True)
        for server in self._started:
            server.close()

    def _execute(self, snippet: Snippet) -> Run:
        if self._servers is None:
            return execute(snippet.path)
        forks = getattr(self._servers, snippet.backend, None)
        if forks is None:
            forks = Forks(*LIBRARIES[snippet.backend])
            self._started.append(forks)
            setattr(self._servers, snippet.backend, forks)
        return execute(snippet.path, forks)


VARIABLES = {"OMP_NUM_THREADS": "1"}


def execute(path: Path, forks: Forks | None = None) -> Run:
    """Run one file in an interpreter of its own, from an empty folder, with a bare environment."""
    path = path.resolve()
    with _folders() as (empty, variables):
        if forks is not None:
            done = forks.run([path], empty, variables, network=False, seconds=SECONDS)
            return Run(done.returncode, done.stdout, done.stderr)
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-X", "utf8", str(GUARDED), str(path)],
                cwd=empty,
                env=variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Run(1, "", f"stopped after {SECONDS} s")
    return Run(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def _folders() -> Iterator[tuple[Path, dict[str, str]]]:
    """An empty folder, and the environment variables that a snippet has; its home is beside it."""
    with tempfile.TemporaryDirectory() as scratch:
        empty, home = Path(scratch, "empty"), Path(scratch, "home")
        empty.mkdir()
        home.mkdir()
        variables = {**VARIABLES, "HOME": str(home), "TMPDIR": str(home)}
        if "SYSTEMROOT" in os.environ:  # Windows starts no process without it
            variables |= {"SYSTEMROOT": os.environ["SYSTEMROOT"], "USERPROFILE": str(home)}
        yield empty, variables


def run_problems(snippet: Snippet, run: Run) -> list[str]:
    """A snippet ends well, says nothing on stderr, and prints something."""
    if run.returncode or run.stderr:
        tail = "\n".join(run.stderr.splitlines()[-15:])
        what = f"fails with exit code {run.returncode}" if run.returncode else "writes to stderr"
        return [f"{snippet.label}: {what}\n{tail}"]
    return [] if run.stdout.strip() else [f"{snippet.label}: prints nothing"]


def output_problems(snippet: Snippet, run: Run) -> list[str]:
    """A snippet prints what is recorded, letter by letter."""
    if problems := run_problems(snippet, run):
        return problems
    recorded = snippet.out.read_text(encoding="utf-8") if snippet.out.is_file() else ""
    if run.stdout == recorded:
        return []
    changes = _difference(recorded, run.stdout, snippet.out.name, snippet.path.name)
    return [f"{snippet.label}: does not print what {snippet.out.name} holds\n{changes}"]


def pair_problems(pair: list[Snippet], runs: list[Run]) -> list[str]:
    """Both backends print the same."""
    (first, *others), (expected, *rest) = pair, runs
    return [
        f"{other.label}: does not print what {first.path.name} prints\n"
        + _difference(expected.stdout, run.stdout, first.path.name, other.path.name)
        for other, run in zip(others, rest, strict=True)
        if run.stdout != expected.stdout
    ]


def _difference(old: str, new: str, old_name: str, new_name: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), old_name, new_name, lineterm=""
    )
    return "\n".join(lines) or "(only the ends of lines differ)"


def problems(root: Path, runner: Runner, names: list[str]) -> list[str]:
    """Return all that is wrong in a checkout; of the snippets, those of the given names are run."""
    found = [
        *rules.file_problems(root),
        *rules.readme_problems(root),
        *rules.unshown_problems(root),
    ]
    for page in markdown.pages(root):
        found += rules.page_problems(root, page)
    for name, pair in rules.pairs(rules.find(root)).items():
        for snippet in pair:
            found += rules.source_problems(snippet)
        if name in names:
            runs = [runner.run(snippet) for snippet in pair]
            for snippet, run in zip(pair, runs, strict=True):
                found += output_problems(snippet, run)
            found += pair_problems(pair, runs)
    return found


# ---------------------------------------------------------------------------------------- record


def record(root: Path, part_of_name: str = "") -> tuple[list[str], bool]:
    """Record outputs anew. Return what was done, line by line, and whether all went well.

    An output is written when every half of the snippet keeps the rules, ends well and prints the
    same; else the file stays as it is.
    """
    chosen = {n: pair for n, pair in rules.pairs(rules.find(root)).items() if part_of_name in n}
    report: list[str] = [] if chosen else [f"no snippet has {part_of_name!r} in its name"]
    counts = {"new": 0, "changed": 0, "unchanged": 0, "failed": 0}
    runner = Runner()
    for pair in chosen.values():
        for snippet in pair:
            runner.start(snippet)
    for name, pair in chosen.items():
        runs = [runner.run(snippet) for snippet in pair]
        problems = [problem for snippet in pair for problem in rules.source_problems(snippet)]
        for snippet, run in zip(pair, runs, strict=True):
            problems += run_problems(snippet, run)
        problems = problems or pair_problems(pair, runs)
        out = pair[0].out
        before = out.read_text(encoding="utf-8") if out.is_file() else None
        after = runs[0].stdout
        if problems:
            state = "failed"
        else:
            state = "new" if before is None else "unchanged" if before == after else "changed"
        counts[state] += 1
        if state != "unchanged":
            report.append(f"{state}: {name}.out")
            report += [f"  {line}" for problem in problems for line in problem.splitlines()]
        if state == "changed":
            changes = _difference(before or "", after, "before", "after").splitlines()[2:]
            report += [f"  {line}" for line in changes]
        if state in {"new", "changed"}:
            write_whole(out, after)
    runner.close()
    report.append(", ".join(f"{count} {state}" for state, count in counts.items()))
    return report, bool(chosen) and not counts["failed"]
