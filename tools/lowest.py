"""`python -m tools.lowest`: the NumPy half's tests again, with the lowest NumPy that is promised.

Run it with the environment's Python. An environment in .cache/ holds that NumPy and nothing else;
all other packages are those of the environment that runs this, since what the tests compare with,
such as PyTorch, works with both.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from tools.console import CACHE, ROOT, SetupError, contained_environment, lock, run_main, say
from tools.environment import pip_environment

FOLDER = CACHE / "lowest-numpy"
# Files of tests/, as patterns: all that the NumPy half computes, and what both halves share.
TESTS = (
    *("test_numpy_*.py", "test_draws.py", "test_layout.py", "test_options.py", "test_show.py"),
    *("test_tasks.py", "test_datasets.py", "test_baselines.py", "test_example.py"),
    *("test_weights.py", "test_onnx.py", "test_traces.py"),
)
# Whose outputs must be the recorded ones: the snippets, each in a process of its own.
SNIPPETS = ("tests/test_snippets.py", "-k", "numpy")


def promised(root: Path = ROOT) -> tuple[int, int]:
    """Return the lowest version of NumPy that pyproject.toml allows, as (major, minor)."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for need in project["dependencies"]:
        if match := re.fullmatch(r"numpy *>= *(\d+)\.(\d+)", need):
            return int(match[1]), int(match[2])
    raise SetupError("pyproject.toml names no lowest version of NumPy.")


def version(python: Path) -> str:
    """Return the version of NumPy that an interpreter imports, empty where it has none."""
    code = "import numpy; print(numpy.__version__)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=CACHE)
    return done.stdout.strip()


def ensure(folder: Path = FOLDER) -> tuple[Path, str]:
    """Make the environment, unless it is there; return its interpreter and its NumPy."""
    python = folder / "bin" / "python"
    major, lowest = promised()
    wanted = f"{major}.{lowest}."
    with lock("lowest-numpy"):
        if python.exists() and (found := version(python)).startswith(wanted):
            return python, found
        venv.create(folder, clear=True, symlinks=True, with_pip=False)
        (packages,) = folder.glob("lib/python*/site-packages")
        others = [path for path in sys.path if path.endswith("site-packages")]
        (packages / "others.pth").write_text("\n".join([str(ROOT), *others]))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        pip += ["--only-binary", ":all:", "--target", str(packages)]
        # A newer Python may have no wheel of the lowest NumPy, but has one of the next.
        for minor in range(lowest, lowest + 6):
            done = subprocess.run(
                [*pip, f"numpy=={major}.{minor}.*"],
                env=pip_environment(),
                capture_output=True,
                text=True,
            )
            if done.returncode == 0:
                return python, version(python)
        raise SetupError(f"NumPy {wanted}* could not be installed: {done.stderr.strip()}")


def main() -> int:
    python, found = ensure()
    files = sorted({str(file) for name in TESTS for file in (ROOT / "tests").glob(name)})
    say(f"The NumPy half with NumPy {found}: {len(files)} files of tests, and the snippets.")
    variables = contained_environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    workers = ("-n", str(min(4, os.cpu_count() or 1)), "--dist", "worksteal")
    code = 0
    for chosen in (files, SNIPPETS):
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, *chosen]
        code = subprocess.run(command, cwd=ROOT, env=variables).returncode or code
    return code


if __name__ == "__main__":
    run_main(main)
