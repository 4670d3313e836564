"""Run a claim: every setting with every seed, on as many processes as one likes.

A finished run is a file, so that an interrupted experiment goes on where it stopped. A run's seed
follows from claim, setting and index, and a worker has one thread: the numbers are the same in
whatever order and with however many jobs, on the same machine with the same versions.
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
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnn_book.experiments.claims import Claim, Run, Seed, claim
from rnn_book.records import THREADS, checkout, user_cache, versions, write_whole

__all__ = ["CACHE", "PACKAGES", "plain", "run_claim", "seed_of"]

SOURCES = checkout()
CACHE = (SOURCES / ".cache" if SOURCES else user_cache()) / "experiments"
PACKAGES = ("numpy", "torch", "scikit-learn")
DIGITS = 8  # significant, of every number that is kept
QUICK_SEEDS = 2

# What a run does not depend on: a changed table keeps the runs that it shows.
_REPORTING = ("TITLE", "QUESTION", "SEEDS", "plan", "summarise", "verdict", "tables", "figures")


class _Task(NamedTuple):
    name: str
    setting: dict[str, Any]
    index: int  # type: ignore[assignment]  # hides the method of a tuple, which nobody needs
    file: Path


def seed_of(name: str, setting: Mapping[str, Any], index: int) -> Seed:
    """The seeds of a run."""
    return Seed(_digest(name, setting, index), _digest(name, index), index)


def run_claim(
    name: str,
    *,
    quick: bool = False,
    jobs: int = 1,
    cache: Path = CACHE,
    progress: bool = True,
) -> list[Run]:
    """Run what is missing of a claim; returns all runs, in the order of its plan.

    Parameters
    ----------
    name
        Of the claim.
    quick
        The small version, which the tests run, with two seeds.
    jobs
        Number of processes, each with one thread.
    cache
        Folder of finished runs: in the checkout, or the user's cache where there is none. A run is
        done again if its setting, its code or a version differs, or its file is damaged.
    progress
        Whether to draw a progress bar.

    Raises
    ------
    ValueError
        If there is no such claim, or `jobs` is below 1.
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    module = claim(name)
    seeds = QUICK_SEEDS if quick else module.SEEDS
    folder = cache / name / _code(module)
    runs: list[Run] = []
    while True:
        tasks = [
            _Task(name, setting, index, folder / f"{_digest(name, setting, index):016x}.json")
            for setting in module.plan(quick, runs)
            for index in range(seeds)
        ]
        missing = [task for task in tasks if _read(task) is None]
        _work(name, missing, len(tasks), jobs, progress)
        before, runs = len(runs), [run for run in map(_read, tasks) if run is not None]
        if len(runs) < len(tasks):
            raise OSError(f"{folder} does not keep what is written there")
        if len(runs) == before:
            return runs


def _work(name: str, tasks: list[_Task], total: int, jobs: int, progress: bool) -> None:
    from tqdm import tqdm

    if not tasks:
        return
    # A worker is started anew with one thread, which libraries read when they are loaded.
    former = {key: os.environ.get(key) for key in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    pool = ProcessPoolExecutor(
        min(jobs, len(tasks)), multiprocessing.get_context("spawn"), initializer=_one_thread
    )
    bar = tqdm(total=total, initial=total - len(tasks), desc=name, disable=not progress)
    try:
        for future in as_completed([pool.submit(_run, task) for task in tasks]):
            future.result()
            bar.update()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        bar.close()
        for key, value in former.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _run(task: _Task) -> None:
    module = claim(task.name)
    begin = time.process_time()
    result = module.run(task.setting, seed_of(task.name, task.setting, task.index))
    seconds = time.process_time() - begin
    kept = {
        "setting": task.setting,
        "index": task.index,
        "result": plain(result),
        "cpu_seconds": round(seconds, 2),
    }
    write_whole(task.file, json.dumps(kept, allow_nan=False) + "\n")


def _read(task: _Task) -> Run | None:
    """A finished run, or None where there is none, or a file that is damaged or another's."""
    try:
        run = Run(**json.loads(task.file.read_text(encoding="utf-8")))
        whole = isinstance(run.result, dict) and isinstance(run.cpu_seconds, (int, float))
        same = _digest(run.setting, run.index) == _digest(task.setting, task.index)
    except (OSError, ValueError, TypeError):
        return None
    return run if whole and same else None


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


def _code(module: Claim) -> str:
    """What a run depends on besides its setting: code of the experiments, and versions."""
    parts = [json.dumps([platform.python_version(), versions(PACKAGES)])]
    pending, seen = [module.__name__], set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        source = Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8")
        tree = ast.parse(source)
        tree.body = [node for node in tree.body if not _is_reporting(node)]
        parts.append(ast.dump(tree))
        pending += sorted(_imported(tree) - seen)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _is_reporting(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(n, ast.Name) and n.id in _REPORTING for n in node.targets)
    if isinstance(node, ast.FunctionDef):
        return node.name in _REPORTING or node.name.startswith("_show")
    # Docstrings and words of documentation.
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _imported(tree: ast.Module) -> set[str]:
    """Modules of this folder that a module imports, less those that only show."""
    machinery = {f"rnn_book.experiments.{name}" for name in ("claims", "report", "shown")}
    package = "rnn_book.experiments"
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            names |= {f"{package}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
            names.add(str(node.module))
    return names - machinery
