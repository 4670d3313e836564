"""`make figures`, `make experiments`, `make bench`: run a part of the package."""

from __future__ import annotations

import subprocess
import sys

from tools import environment
from tools.console import ROOT, SetupError, run_main, say

# What each target runs, in order.
TARGETS = {
    "figures": ("rnn_book.diagrams", "rnn_book.experiments --figures"),
    "experiments": ("rnn_book.experiments",),
    "bench": ("rnn_book.bench",),
}


def is_runnable(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    return file.exists() and "__main__" in file.name + file.read_text(encoding="utf-8")


def main() -> int:
    target, *arguments = sys.argv[1:]
    modules = [module for module in TARGETS[target] if is_runnable(module.split()[0])]
    if not modules:
        raise SetupError(f"the book has no {target} yet.")
    python = environment.ensure(environment.READ)
    for module in modules:
        say(f"Running {module}.")
        command = [str(python), "-m", *module.split(), *arguments]
        code = subprocess.run(command, cwd=ROOT, env=environment.environment_for(python)).returncode
        if code != 0:
            return code
    return 0


if __name__ == "__main__":
    run_main(main)
