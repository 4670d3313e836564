"""What differs from main, and which tests that can touch: for `make check`, `pytest --changed`."""

from __future__ import annotations

import ast
import functools
import os
import subprocess
from pathlib import Path

from tools.console import SetupError

# Python that a file runs without importing it by name.
RUNS = {
    "tests.test_snippets": ("rnn_book.numpy", "rnn_book.torch"),
    "tests.test_setup_project": ("rnn_book.numpy", "rnn_book.torch"),
}
# All pages are made with these; a change of theirs is looked at on one page of each kind.
EVERYWHERE = ("docs/_hooks/", "docs/assets/", "mkdocs.yml", "package-lock.json")
BOOK = ("docs/", "images/", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "mkdocs.yml")


class Change:
    """The files that differ from a commit, and what they can touch.

    Parameters
    ----------
    root
        A checkout.
    base
        What to compare with, by default the variable BASE or else main; where nothing differs from
        that, the commit before the last.
    """

    def __init__(self, root: Path, base: str | None = None) -> None:
        self.root = root
        self.base = base or os.environ.get("BASE") or "main"
        self.files = self._differ(self.base)
        if not self.files:
            self.base = "HEAD~1"
            self.files = self._differ(self.base)

    def describe(self) -> str:
        return f"Files that differ from {self.base}: {len(self.files)}."

    @property
    def labs(self) -> str:
        """The changed labs, for the build."""
        return " ".join(Path(file).stem for file in self.files if file.startswith("docs/labs/"))

    @property
    def is_typed(self) -> bool:
        """Whether a file changed that types are checked in."""
        typed = ("rnn_book/", "tools/", "pyproject.toml", "constraints.txt")
        return any(file.startswith(typed) for file in self.files)

    @functools.cached_property
    def pages(self) -> set[Path]:
        """The pages that changed, or that show a snippet or a figure that did."""
        shown = [_shown_as(file) for file in self.files]
        sources = [*self.root.glob("docs/**/*.md"), *self.root.glob("docs/labs/*.py")]
        return {
            page
            for page in sources
            if page.relative_to(self.root).as_posix() in self.files
            or any(name in page.read_text(encoding="utf-8") for name in filter(None, shown))
        }

    @functools.cached_property
    def test_files(self) -> set[Path]:
        """The test files that import, directly or not, a Python file that changed."""
        imports = {_module(path, self.root): path for path in self._python()}
        graph = {name: _imported(path, name, set(imports)) for name, path in imports.items()}
        for name, run in RUNS.items():
            graph.get(name, set()).update(set(run) & set(imports))
        reached = {name for name, path in imports.items() if self._has(path)}
        while more := {name for name, needs in graph.items() if needs & reached} - reached:
            reached |= more
        return {imports[name] for name in reached if name.startswith("tests.test_")}

    @property
    def collected(self) -> list[str]:
        """The test files to look at: those that are touched, and those with tests of the book."""
        files = self.root.glob("tests/test_*.py")
        marked = {path for path in files if "mark.book" in path.read_text(encoding="utf-8")}
        return sorted(str(path) for path in marked | self.test_files)

    def touches(self, path: Path, marks: set[str], parameters: tuple[object, ...]) -> bool:
        """Tell whether a test can find a fault in the change.

        Parameters
        ----------
        path
            Its file.
        marks
            Names of its marks: `book` where it holds of the pages as they are, `sweep`.
        parameters
            What it is made for, such as a page, a snippet or the name of a figure.
        """
        is_imported = path in self.test_files and "sweep" not in marks
        if "book" in marks and any(file.startswith(BOOK) for file in self.files):
            paths = [
                found
                for one in parameters
                for found in (self._named.get(one, []) if isinstance(one, str) else [one])
            ]
            paths = [getattr(one, "path", one) for one in paths]
            about = [one for one in paths if isinstance(one, Path) and self.root in one.parents]
            if not about:
                return True
            pages = [one for one in about if "snippets" not in one.parts]
            everywhere = any(file.startswith(EVERYWHERE) for file in self.files)
            if pages and everywhere and "sweep" not in marks:
                return True
            return is_imported or any(one in self.pages or self._is_shown(one) for one in about)
        return is_imported

    @functools.cached_property
    def _named(self) -> dict[str, list[Path]]:
        """The figures and the snippets, as parameters of tests name them."""
        found: dict[str, list[Path]] = {}
        for folder, ending in (("images", ".svg"), ("docs/snippets", "_numpy.py")):
            for path in self.root.glob(f"{folder}/**/*{ending}"):
                name = path.relative_to(self.root / folder).as_posix().removesuffix(ending)
                found.setdefault(name, []).append(path)
        return found

    def _is_shown(self, path: Path) -> bool:
        name = _shown_as(path.relative_to(self.root).as_posix())
        return bool(name) and any(name in page.read_text(encoding="utf-8") for page in self.pages)

    def _has(self, path: Path) -> bool:
        return path.relative_to(self.root).as_posix() in self.files

    def _python(self) -> list[Path]:
        return [
            path
            for top in ("rnn_book", "tools", "tests")
            for path in self.root.glob(f"{top}/**/*.py")
        ]

    def _differ(self, base: str) -> set[str]:
        common = self._git("merge-base", base, "HEAD")
        if common is None:
            raise SetupError(f"git knows no {base} to compare with: name a commit, BASE=…")
        listed = [
            self._git("diff", "--name-only", common.strip()),
            self._git("ls-files", "--others", "--exclude-standard"),
        ]
        return {line for text in listed for line in (text or "").splitlines()}

    def _git(self, *arguments: str) -> str | None:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else None


def _shown_as(file: str) -> str:
    """Return what a page that shows a file has in its text: a snippet's name, a figure's path."""
    for folder in ("docs/snippets/", "images/"):
        if file.startswith(folder):
            name = file.removeprefix("docs/snippets/")
            for end in ("_numpy.py", "_torch.py", ".out"):
                name = name.removesuffix(end)
            return name
    return ""


def _module(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, name: str, known: set[str]) -> set[str]:
    """Return the modules of the checkout that a file imports, with the packages they are in."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    found |= {one.rpartition(".")[0] for one in found}
    return (found & known) - {name}
