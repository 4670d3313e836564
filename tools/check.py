"""`make test`, `make sweep`, `make check`: set up, then checks, with one summary at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import build_site, changed, environment
from tools.console import ROOT, SetupError, run_main, say, shorten

LINTED = ("rnn_book", "tests", "tools", "docs")
WORKERS = 4
# Where the build says that it is done: most tests need no site, and run meanwhile.
NOTE = build_site.CACHE / "built"
BUILD = "strict build"

# A check returns whether all is well and, where its output is not in plain sight already, that.
Outcome = tuple[bool, str]
Stages = dict[str, Callable[[], Outcome]]


def run(python: Path, *arguments: str, quiet: bool = False, **variables: str) -> Outcome:
    """Run a module of the environment, with its output in plain sight or held back."""
    # The tests run side by side; more threads each would only get in each other's way.
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [str(python), "-m", *arguments],
        cwd=environment.ROOT,
        env=environment.environment_for(python) | threads | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
    )
    return done.returncode == 0, done.stdout or ""


def attempt(build: Callable[[], Path]) -> Outcome:
    """Build the site, and leave word for the tests that wait for it."""
    site, said = None, ""
    try:
        site = build()
    except SetupError as error:
        said = f"Error: {error}\n"
    finally:
        build_site.leave_word(NOTE, site)
    return site is not None, said


def beside(python: Path) -> Stages:
    """Name the checks that run beside the others, one after the other."""
    return {
        "lint": lambda: run(python, "ruff", "check", *LINTED, quiet=True),
        "format": lambda: run(python, "ruff", "format", "--check", *LINTED, quiet=True),
        "types": lambda: run(python, "mypy", quiet=True),
    }


def pytest(python: Path, *arguments: str) -> Outcome:
    # worksteal hands out whole stretches, so that a file's fixtures are mostly made once.
    spread = ("-n", str(min(WORKERS, os.cpu_count() or 1)), "--dist", "worksteal")
    named = ("--durations", "12", *arguments)
    return run(python, "pytest", *spread, *named, quiet=False, SITE_AWAITED=str(NOTE))


def test(python: Path) -> Stages:
    return {
        BUILD: lambda: attempt(lambda: build_site.build(python, always=True)),
        "tests": lambda: pytest(python, "-m", "not sweep"),
    }


def sweep(python: Path) -> Stages:
    return {
        BUILD: lambda: attempt(lambda: build_site.build(python)),
        "lowest NumPy": lambda: run(python, "tools.lowest"),
        "sweeps": lambda: pytest(python, "-m", "sweep"),
    }


def everything(python: Path) -> Stages:
    """Name what both of them run, with one run of pytest at the end."""
    return {
        BUILD: lambda: attempt(lambda: build_site.build(python, always=True)),
        "lowest NumPy": lambda: run(python, "tools.lowest"),
        "tests": lambda: pytest(python),
    }


def check(python: Path) -> Stages:
    """Name what can find a fault in the files that differ from main."""
    change = changed.Change(ROOT)
    say(change.describe())
    site = build_site.CACHE / "check"
    return {
        BUILD: lambda: attempt(lambda: build_site.build_without_labs(python, site, change.labs)),
        "tests": lambda: pytest(python, "--changed", *change.collected),
    }


KINDS = {"test": test, "sweep": sweep, "all": everything, "check": check}


def run_stages(python: Path, kind: str) -> dict[str, tuple[bool, float]]:
    """Run every check, whatever failed before; return whether each passed, and its seconds."""
    results: dict[str, tuple[bool, float]] = {}

    def timed(name: str, stage: Callable[[], Outcome]) -> None:
        begun = time.monotonic()
        passed, said = stage()
        results[name] = passed, time.monotonic() - begun
        if said:
            say(f"\n== {name}\n{said.rstrip()}")

    stages = KINDS[kind](python)
    quick = {} if kind == "sweep" else beside(python)
    if kind == "check" and not changed.Change(ROOT).is_typed:
        del quick["types"]
    if BUILD in stages:
        NOTE.unlink(missing_ok=True)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        waiting = [one.submit(timed, name, stage) for name, stage in quick.items()]
        for name, stage in stages.items():
            say(f"\n== {name}")
            if name == BUILD:
                waiting.append(other.submit(timed, name, stage))
            else:
                timed(name, stage)
        for done in waiting:
            done.result()
    return {name: results[name] for name in (*quick, *stages)}


def main() -> int:
    # A shell that puts this into the background lets it ignore Ctrl-C, and all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    kind = sys.argv[1]
    start = time.monotonic()
    python = environment.ensure(environment.CHECK)
    results = {"set-up": (True, time.monotonic() - start)} | run_stages(python, kind)
    say("\n== summary")
    for name, (passed, seconds) in results.items():
        say(f"  {name:<14}{'passed' if passed else 'FAILED':<8}{shorten(seconds):>14}")
    failed = [name for name, (passed, _) in results.items() if not passed]
    total = shorten(time.monotonic() - start)
    say(f"\nFailed: {', '.join(failed)} ({total})." if failed else f"\nAll passed ({total}).")
    return 1 if failed else 0


if __name__ == "__main__":
    run_main(main)
