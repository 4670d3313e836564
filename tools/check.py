"""`make test`: set up, then every check, each in plain sight, with one summary at the end."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tools import build_site, environment
from tools.console import SetupError, run_main, say, shorten

LINTED = ("rnn_book", "tests", "tools", "docs")
WORKERS = 4


def run(python: Path, *arguments: str) -> bool:
    """Run a module of the environment with its output in plain sight."""
    environment_ = environment.environment_for(python) | {
        # The tests run side by side; more threads each would only get in each other's way.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [str(python), "-m", *arguments]
    finished = subprocess.run(
        command, cwd=environment.ROOT, env=environment_, stdin=subprocess.DEVNULL
    )
    return finished.returncode == 0


def build(python: Path) -> bool:
    try:
        build_site.build(python, always=True)
    except SetupError as error:
        say(f"Error: {error}")
        return False
    return True


def stages(python: Path) -> dict[str, Callable[[], bool]]:
    """Name every check. The build comes before the tests, which look at the site it made."""
    workers = str(min(WORKERS, os.cpu_count() or 1))
    return {
        "lint": lambda: run(python, "ruff", "check", *LINTED),
        "format": lambda: run(python, "ruff", "format", "--check", *LINTED),
        "types": lambda: run(python, "mypy"),
        "strict build": lambda: build(python),
        # worksteal hands out whole stretches, so that a file's fixtures are mostly made once.
        "tests": lambda: run(
            python, "pytest", "-n", workers, "--dist", "worksteal", "--durations", "12"
        ),
    }


def main() -> int:
    start = time.monotonic()
    python = environment.ensure(environment.CHECK)
    results: dict[str, tuple[bool, float]] = {"set-up": (True, time.monotonic() - start)}
    for name, stage in stages(python).items():
        say(f"\n== {name}")
        begun = time.monotonic()
        results[name] = (stage(), time.monotonic() - begun)
    say("\n== summary")
    for name, (passed, seconds) in results.items():
        say(f"  {name:<14}{'passed' if passed else 'FAILED':<8}{shorten(seconds):>14}")
    failed = [name for name, (passed, _) in results.items() if not passed]
    total = shorten(time.monotonic() - start)
    say(f"\nFailed: {', '.join(failed)} ({total})." if failed else f"\nAll passed ({total}).")
    return 1 if failed else 0


if __name__ == "__main__":
    run_main(main)
