"""Build the book strictly into site/, unless nothing changed since the last build."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tools.console import CACHE, ROOT, SetupError, lock, run_main, say, shorten
from tools.environment import CHECK, READ, VENV, ensure, environment_for, python_in

SITE = ROOT / "site"
STAMP = CACHE / "site.sha256"

# All that a page can be made of. Generated caches inside these are skipped.
INPUTS = (
    *("docs", "images", "rnn_book", "mkdocs.yml", "constraints.txt", "pyproject.toml"),
    *("package-lock.json", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff"),
    *("tools/page", "tools/diagrams/style.py"),
)
ADDRESSES = ("SITE_URL", "REPO_URL", "PYODIDE_WHEELS")


def input_files(root: Path) -> list[Path]:
    files: list[Path] = []
    for name in INPUTS:
        path = root / name
        if path.is_dir():
            files += [file for file in path.rglob("*") if file.is_file()]
        elif path.exists():
            files.append(path)
    skipped = ("__pycache__", ".ipynb_checkpoints", ".cache")
    return sorted(f for f in files if not any(part in skipped for part in f.parts))


def fingerprint(root: Path) -> str:
    """Return a hash of names and contents of all inputs and of the addresses in the environment."""
    digest = hashlib.sha256()
    for file in input_files(root):
        digest.update(f"{file.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    for name in ADDRESSES:
        digest.update(f"{name}={os.environ.get(name, '')}\0".encode())
    return digest.hexdigest()


def listing(site: Path) -> str:
    """Return a hash of the names and sizes of a built site's files."""
    files = sorted(file for file in site.rglob("*") if file.is_file())
    names = [f"{file.relative_to(site)} {file.stat().st_size}" for file in files]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def offered() -> str:
    """Return what tells sites apart that offer other files to take along (`make downloads`)."""
    folder = CACHE / "downloads"
    files = sorted(folder.glob("*")) if folder.is_dir() else []
    return "".join(f"-{file.stat().st_size}-{file.stat().st_mtime_ns}" for file in files)


def mark_of_inputs() -> str:
    """Return what tells one state of the checkout from another, for the stamp."""
    return fingerprint(ROOT) + offered()


def is_current(mark: str) -> bool:
    """Tell whether the site is the one that the stamp was written for; a torn stamp is none."""
    try:
        return STAMP.read_text() == f"{mark} {listing(SITE)}"
    except (OSError, ValueError):
        return False


def build(python: Path | None = None, *, always: bool = False) -> Path:
    """Build into a folder beside site/ and swap it in when it is whole; return site/."""
    python = python or python_in(VENV)
    with lock("build"):
        mark = mark_of_inputs()
        if not always and is_current(mark):
            say("Site: up to date (site/).")
            return SITE
        say("Building the site (strict). The labs run now, so this takes a minute.")
        start = time.monotonic()
        put(lambda fresh: mkdocs(python, fresh), mark)
        say(f"Site: built in {shorten(time.monotonic() - start)} (site/).")
        return SITE


def put(make: Callable[[Path], None], mark: str) -> None:
    """Let a site be made in a folder beside site/, and swap it in when it is whole."""
    fresh, old = CACHE / "site", CACHE / "old-site"
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    make(fresh)
    if SITE.exists():
        SITE.rename(old)  # at once, since it may be served meanwhile
    fresh.rename(SITE)
    STAMP.write_text(f"{mark} {listing(SITE)}")
    shutil.rmtree(old, ignore_errors=True)


def build_without_labs(python: Path, site: Path, but: str = "") -> Path:
    """Build into a folder of its own, and run no labs but the named ones: for a quick check."""
    with lock("check"):
        start = time.monotonic()
        shutil.rmtree(site, ignore_errors=True)
        mkdocs(python, site, RUN_LABS=but)
        say(f"Built in {shorten(time.monotonic() - start)}; labs that are unchanged did not run.")
        return site


def leave_word(note: Path, site: Path | None) -> None:
    """Tell those who wait for a build that it is done, and where the site is if there is one."""
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{site or ''}\n")


def wait_for(note: Path) -> Path | None:
    """Wait until somebody has left word, and return the site, or None where the build failed."""
    while not (note.exists() and note.read_text().endswith("\n")):
        time.sleep(0.2)
    site = note.read_text().strip()
    return Path(site) if site else None


def environment_of_mkdocs(python: Path) -> dict[str, str]:
    # Material's notice that a successor is coming is nothing that a reader can act on.
    return environment_for(python) | {"NO_MKDOCS_2_WARNING": "1"}


def mkdocs(python: Path, site: Path, **variables: str) -> None:
    # Never with -q: it makes --strict return 0 in spite of warnings.
    command = [str(python), "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = environment_of_mkdocs(python) | variables
    if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode:
        raise SetupError("the site did not build: its messages stand above.")


def main() -> int:
    extras = CHECK if "--check" in sys.argv else READ
    build(ensure(extras), always="--always" in sys.argv)
    return 0


if __name__ == "__main__":
    run_main(main)
