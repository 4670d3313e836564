"""Run a claim: every setting with every seed, on as many processes as one likes.

A finished run is kept at once, so that an interrupted experiment goes on where it stopped, on
another day or from another checkout. A run's seed follows from claim, setting and index, and a
worker has one thread: the numbers are the same in whatever order and with however many jobs, on the
same machine with the same versions.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
import math
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnn_book.experiments import store
from rnn_book.experiments.claims import Claim, Run, Seed, claim
from rnn_book.experiments.provenance import THREADS, checkout, user_cache, versions

__all__ = [
    "PACKAGES",
    "QUICK",
    "Progress",
    "adopt",
    "alike",
    "code_of",
    "file_of",
    "finished",
    "plain",
    "progress_of",
    "run_claim",
    "seed_of",
]

SOURCES = checkout()
QUICK = (SOURCES / ".cache" if SOURCES else user_cache()) / "experiments"
"""Where runs of quick versions are kept."""
PACKAGES = ("numpy", "torch", "scikit-learn")
DIGITS = 8  # significant, of every number that is kept
QUICK_SEEDS = 2

# What a run does not depend on: a changed table keeps the runs that it shows.
_REPORTING = (
    *("TITLE", "QUESTION", "RULE", "SEEDS", "COST", "CHANGES", "plan", "contenders", "seeds"),
    *("summarise", "verdict", "tables", "figures", "numbers"),
)
_PACKAGE = "rnn_book.experiments"
_MACHINERY = ("claims", "contest", "intervals", "report", "shown", "store", "tuning")


class Progress(NamedTuple):
    """How far a claim is."""

    runs: list[Run]
    """Finished, in the order of the plan."""
    missing: list[tuple[dict[str, Any], int]]
    """Settings and indices of those that are planned and not finished."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, and nothing follows from what is there."""
        return not self.missing


class _Task(NamedTuple):
    name: str
    setting: dict[str, Any]
    index: int  # type: ignore[assignment]  # hides the method of a tuple, which nobody needs


def seed_of(name: str, setting: Mapping[str, Any], index: int) -> Seed:
    """The seeds of a run."""
    return Seed(_digest(name, setting, index), _digest(name, index), index)


def indices(module: Claim, setting: dict[str, Any], quick: bool = False) -> list[int]:
    """The indices of the seeds with which a setting is run: all SEEDS, or what the claim says."""
    own = getattr(module, "seeds", None)
    found = list(own(setting)) if own else list(range(module.SEEDS))
    return found[:QUICK_SEEDS] if quick else found


def progress_of(module: Claim, quick: bool, done: Iterable[Run]) -> Progress:
    """Ask the plan, with what is finished, until a stage is not complete or nothing is new."""
    kept = {store.key(run.setting, run.index): run for run in done}
    runs: list[Run] = []
    while True:
        planned = [
            (setting, index)
            for setting in module.plan(quick, runs)
            for index in indices(module, setting, quick)
        ]
        missing = [task for task in planned if store.key(*task) not in kept]
        before = len(runs)
        runs = [kept[store.key(*task)] for task in planned if store.key(*task) in kept]
        if missing or len(runs) == before:
            return Progress(runs, missing)


def file_of(name: str, quick: bool = False) -> Path:
    """Where the runs of a claim are kept."""
    return (QUICK if quick else store.RUNS) / f"{name}.jsonl"


def finished(name: str, *, quick: bool = False, file: Path | None = None) -> Progress:
    """How far a claim is with runs of today's code and versions."""
    module = claim(name)
    code = code_of(module)
    lines = store.read(file or file_of(name, quick))
    return progress_of(module, quick, [one.run for one in lines if one.code == code])


def run_claim(
    name: str,
    *,
    quick: bool = False,
    jobs: int = 1,
    cache: Path | None = None,
    progress: bool = True,
    minutes: float = math.inf,
) -> list[Run]:
    """Run what is missing of a claim; returns all finished runs, in the order of its plan.

    Parameters
    ----------
    name
        Of the claim.
    quick
        The small version, which the tests run, with two seeds.
    jobs
        Number of processes, each with one thread.
    cache
        Folder of finished runs, if not the usual one. A run is done again if its setting, its code
        or a version differs, or its line is damaged.
    progress
        Whether to draw a progress bar.
    minutes
        After which no further run is begun; `finished` tells how far it came.

    Raises
    ------
    ValueError
        If there is no such claim, or `jobs` is below 1.
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    module = claim(name)
    file = cache / f"{name}.jsonl" if cache else file_of(name, quick)
    end = time.monotonic() + 60 * minutes
    code = code_of(module)
    while True:
        far = finished(name, quick=quick, file=file)
        if far.complete or time.monotonic() >= end:
            break
        tasks = [_Task(name, *one) for one in far.missing]
        for run in _work(name, tasks, len(far.runs) + len(tasks), jobs, progress, end):
            store.append(file, store.Line(code, run))
    if far.complete and not quick:
        store.rewrite(file, [store.Line(code, run) for run in far.runs])
    return far.runs


def _work(
    name: str, tasks: list[_Task], total: int, jobs: int, progress: bool, end: float
) -> Iterator[Run]:
    """Finished runs, as they come; none is begun after the end."""
    from tqdm import tqdm

    # A worker is started anew with one thread, which libraries read when they are loaded.
    former = {key: os.environ.get(key) for key in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), multiprocessing.get_context("spawn"))
    bar = tqdm(total=total, initial=total - len(tasks), desc=name, disable=not progress)
    waiting = iter(tasks)
    try:
        pending = {pool.submit(_run, task) for task in islice(waiting, jobs)}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
                bar.update()
            if time.monotonic() < end:
                pending |= {pool.submit(_run, task) for task in islice(waiting, len(done))}
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        bar.close()
        for key, value in former.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def _run(task: _Task) -> Run:
    module = claim(task.name)
    # Only where the claim has loaded it: that takes seconds.
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
    begin = time.process_time()
    result = module.run(task.setting, seed_of(task.name, task.setting, task.index))
    seconds = time.process_time() - begin
    return Run(task.setting, task.index, plain(result), round(seconds, 2))


def adopt(name: str, again: int = 3) -> list[str]:
    """Take runs of other code for today's, if the cheapest of each come out alike when run again.

    For changes that leave the numbers alone, such as a renamed function.

    Returns
    -------
    list of str
        Digests of the code whose runs were adopted.

    Raises
    ------
    ValueError
        If a run comes out otherwise.
    """
    module, file = claim(name), file_of(name)
    code, lines = code_of(module), store.read(file_of(name))
    adopted = []
    for other in dict.fromkeys(one.code for one in lines if one.code != code):
        runs = sorted((one.run for one in lines if one.code == other), key=lambda r: r.cpu_seconds)
        for run in runs[:again]:
            found = _run(_Task(name, run.setting, run.index)).result
            if not alike(found, run.result):
                raise ValueError(f"{name}: {run.setting} gives other numbers than with {other}")
        adopted.append(other)
    store.rewrite(file, [one._replace(code=code) for one in lines])
    return adopted


def alike(a: Any, b: Any) -> bool:
    """Equal up to the last kept digit, which a sum in another order may round otherwise."""
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12)
    return bool(a == b)


def plain(value: Any) -> Any:
    """Numbers, arrays and collections as JSON has them, floats with 8 significant digits.

    Raises
    ------
    ValueError
        If a number is not finite, for which JSON has no word. None says "there is none".
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"results must be finite or None, got {value}")
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def _digest(*parts: Any) -> int:
    text = json.dumps(parts, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")


def code_of(module: Claim) -> str:
    """What a run depends on besides its setting: code of the experiments, and versions."""
    parts = [json.dumps([platform.python_version(), versions(PACKAGES)])]
    pending, seen = [module.__name__], set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        source = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
        tree = _computing(ast.parse(source))
        parts.append(ast.dump(tree))
        pending += sorted(_imported(tree) - seen)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _computing(tree: ast.Module) -> ast.Module:
    """The part of a module that a run depends on: no words, and nothing that only shows."""
    tree.body = [node for node in tree.body if not _is_reporting(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            node.body = [part for part in node.body if not _is_word(part)]
    return tree


def _is_word(node: ast.stmt) -> bool:
    """Whether a statement is a string alone, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_reporting(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(n, ast.Name) and n.id in _REPORTING for n in node.targets)
    if isinstance(node, ast.FunctionDef):
        return node.name in _REPORTING or node.name.startswith("_show")
    if isinstance(node, ast.ImportFrom) and node.module == _PACKAGE:
        return all(_only_shows(alias.name) for alias in node.names)
    return (
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(f"{_PACKAGE}.")
        and _only_shows(str(node.module).rpartition(".")[2])
    )


def _only_shows(module: str) -> bool:
    """Whether a module of this folder plays no part in a run."""
    return module in _MACHINERY or module.endswith("_shown")


def _imported(tree: ast.Module) -> set[str]:
    """Modules of this folder that a module imports, less those that only show."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == _PACKAGE:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_PACKAGE}."):
            names.add(str(node.module).removeprefix(f"{_PACKAGE}."))
    return {f"{_PACKAGE}.{name}" for name in names if not _only_shows(name)}
