"""`make figures`, `make experiments`, `make bench`: run what is asked for in the environment."""

from __future__ import annotations

import subprocess
import sys

from tools import environment
from tools.console import ROOT, run_main, say

# What each target runs, in order.
TARGETS = {
    "figures": (
        "tools.diagrams",
        "tools.pictures",
        "rnn_book.experiments --figures",
        "rnn_book.projects",
        "tools.bench --report",
    ),
    "experiments": ("rnn_book.experiments",),
    "bench": ("tools.bench",),
}


def main() -> int:
    target, *arguments = sys.argv[1:]
    python = environment.ensure(environment.READ)
    for module in TARGETS[target]:
        say(f"Running {module}.")
        command = [str(python), "-m", *module.split(), *arguments]
        code = subprocess.run(command, cwd=ROOT, env=environment.environment_for(python)).returncode
        if code != 0:
            return code
    return 0


if __name__ == "__main__":
    run_main(main)
