"""What can be said of the snippets without running them: files, sources, pages, README.

Functions take the folder of a checkout, so that the tests can plant faults in a copy. A problem is
a sentence that starts with the file it is about.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests import markdown

LINES = 25  # that are not blank
LONGER = {"rnn/first-training/train": 40}  # a whole training run, which its page walks through
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*_(numpy|torch)\.py")
PYTHON = {"python", "py", "python3", "py3", "pycon", "python-console", "ipython", "ipython3"}
RESULTS = "results"  # the folder of the experiments' tables, made by rnn_book.experiments
TABS = {"numpy": "NumPy", "torch": "PyTorch"}
OTHER_HALF = {"numpy": ("torch", "rnn_book.torch"), "torch": ("rnn_book.numpy",)}
OWN_HALF = {"numpy": ("numpy", "rnn_book.numpy"), "torch": ("torch", "rnn_book.torch")}

# What would make an output depend on the machine, the moment, or on who ran before.
CLOSED_MODULES = {
    *("time", "datetime", "random", "secrets", "uuid"),
    *("os", "sys", "platform", "subprocess", "socket", "urllib", "http", "requests"),
    *("pprint", "logging", "warnings"),
}
NUMPY_RANDOM = {"default_rng", "Generator", "SeedSequence", "PCG64", "BitGenerator"}
TORCH_RANDOM = {
    *("rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial"),
    *("rand_like", "randn_like", "randint_like"),
}
# Left by a formatter that broke the line because of its comment.
TRAILING = re.compile(r"\s*[\])}]+,?  #")
ABSOLUTE = re.compile(r"/\w|~/|[A-Za-z]:[\\/]")


@dataclass(frozen=True)
class Snippet:
    """One file docs/snippets/<part>/<chapter>/<name>_<backend>.py below `root`."""

    root: Path
    path: Path

    @property
    def folder(self) -> Path:
        return self.root / "docs" / "snippets"

    @property
    def key(self) -> str:
        """What a page includes, without suffix: lstm/forget-gate/force_numpy."""
        return self.path.relative_to(self.folder).with_suffix("").as_posix()

    @property
    def name(self) -> str:
        """The key of the pair: lstm/forget-gate/force."""
        return self.key.rpartition("_")[0]

    @property
    def backend(self) -> str:
        return self.key.rpartition("_")[2]

    @property
    def out(self) -> Path:
        return self.folder / f"{self.name}.out"

    @property
    def label(self) -> str:
        return self.path.relative_to(self.root).as_posix()


# ----------------------------------------------------------------------------------------- files


def find(root: Path) -> list[Snippet]:
    """Return the snippets on disk, the halves of a pair side by side."""
    files = (root / "docs" / "snippets").rglob("*.py")
    return sorted((Snippet(root, path) for path in files if NAME.fullmatch(path.name)), key=_order)


def pairs(found: list[Snippet]) -> dict[str, list[Snippet]]:
    """Group snippets that share one recorded output."""
    return {name: list(group) for name, group in groupby(found, key=lambda one: one.name)}


def _order(snippet: Snippet) -> tuple[str, str]:
    return snippet.name, snippet.backend


def file_problems(root: Path) -> Iterator[str]:
    """Everything below docs/snippets is a snippet, its recorded output, or a result's tables."""
    found = find(root)
    outputs = {snippet.out for snippet in found}
    known = {snippet.path for snippet in found} | outputs | {root / "docs/snippets/ruff.toml"}
    for path in sorted((root / "docs" / "snippets").rglob("*")):
        if path.is_dir() or path in known or "__pycache__" in path.parts:
            continue
        if path.parent.name == RESULTS and path.suffix == ".md":
            continue  # tests/test_experiments.py holds them against the stored results
        label = path.relative_to(root).as_posix()
        if path.suffix == ".out":
            yield f"{label}: no snippet prints this, remove it or write {path.stem}_numpy.py"
        else:
            yield f"{label}: neither <name>_numpy.py, <name>_torch.py nor <name>.out"
    for out in sorted(outputs):
        if not out.is_file():
            yield f"{out.relative_to(root).as_posix()}: missing, run pytest --update-snippets"


# ---------------------------------------------------------------------------------------- source


def source_problems(snippet: Snippet) -> list[str]:
    """The rules that can be read off the source."""
    text = snippet.path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [f"{snippet.label}:{error.lineno}: {error.msg}"]
    found = [
        f"{snippet.label}:{getattr(node, 'lineno', 1)}: {problem}"
        for node in ast.walk(tree)
        for problem in _node_problems(node)
    ]
    modules = {module for node in ast.walk(tree) for module in _imported(node)}
    if not _any_within(modules, "rnn_book"):
        found.append(f"{snippet.label}: does not import rnn_book")
    if not _any_within(modules, *OWN_HALF[snippet.backend]):
        found.append(f"{snippet.label}: does not import the {TABS[snippet.backend]} half")
    if _any_within(modules, *OTHER_HALF[snippet.backend]):
        found.append(f"{snippet.label}: imports the other half")
    if "rnn_book.show" not in modules:
        found.append(f"{snippet.label}: prints nothing, from rnn_book import show")
    found += [
        f"{snippet.label}:{number}: a comment behind a closing bracket; write it above"
        for number, line in enumerate(text.splitlines(), 1)
        if TRAILING.match(line)
    ]
    count = sum(bool(line.strip()) for line in text.splitlines())
    most = LONGER.get(snippet.name, LINES)
    if count > most:
        found.append(f"{snippet.label}: has {count} lines that are not blank, at most {most}")
    return found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return []


def _any_within(modules: set[str], *packages: str) -> bool:
    return any(
        module == one or module.startswith(f"{one}.") for module in modules for one in packages
    )


def _node_problems(node: ast.AST) -> Iterator[str]:
    for module in _imported(node):
        if module.partition(".")[0] in CLOSED_MODULES:
            yield f"imports {module}: its output would depend on the moment or on the machine"
            break
    if isinstance(node, ast.Name) and node.id in {"print", "input"}:
        yield f"uses {node.id}(), only rnn_book.show prints"
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    if is_text and ABSOLUTE.match(node.value):
        yield f"holds an absolute path, {node.value!r}"
    if isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value)
        if owner in {"np.random", "numpy.random"} and node.attr not in NUMPY_RANDOM:
            yield f"uses {owner}.{node.attr}: global random state, take a Generator"
        if owner in {"torch", "torch.random"} and node.attr in {"manual_seed", "seed"}:
            yield f"uses {owner}.{node.attr}: global random state, pass rng="
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        keywords = {keyword.arg for keyword in node.keywords}
        if called.rpartition(".")[2] == "default_rng" and not node.args and "seed" not in keywords:
            yield "calls default_rng() without a seed"
        module, _, function = called.rpartition(".")
        if module == "torch" and function in TORCH_RANDOM and "generator" not in keywords:
            yield f"calls {called} without generator=: global random state"


# ----------------------------------------------------------------------------------------- pages


def page_problems(root: Path, page: Path) -> list[str]:
    """Every Python block of a page is one snippet; every include names a file that is there."""
    text = page.read_text(encoding="utf-8")
    label = page.relative_to(root).as_posix()
    found = []
    for block in markdown.blocks(text):
        if problem := _block_problem(block):
            found.append(f"{label}:{block.line}: {problem}")
    for line, target in markdown.includes(text):
        if target is None:
            found.append(f'{label}:{line}: write an include as --8<-- "path"')
        elif not _is_there(root, target):
            found.append(f"{label}:{line}: includes {target}, which does not exist")
    here = shown_on(root, page)
    for snippet in (Snippet(root, path) for path in sorted(here) if NAME.fullmatch(path.name)):
        if snippet.path.is_file() and snippet.out not in here:
            found.append(f"{label}: shows {snippet.key}.py, but not what it prints")
    return found


def _block_problem(block: markdown.Block) -> str | None:
    target = block.include
    if not block.language:
        return "a code block without a language"
    if block.language in PYTHON:
        if target is None:
            return "a Python block typed into the page: move it to docs/snippets and include it"
        backend = re.search(r"_(numpy|torch)\.py$", target)
        if not backend:
            return f"a Python block includes {target}, which is not a snippet"
        if block.tab in TABS.values() and block.tab != TABS[backend[1]]:
            return f"{target} stands in the tab {block.tab}"
    elif target and target.endswith(".py"):
        return f"{target} stands in a block of language {block.language}, not python"
    elif target is None and markdown.MARKER.search(block.text):
        return "an include shares its block with other lines"
    return None


def _target(root: Path, target: str) -> Path:
    return root / "docs" / "snippets" / target


def _is_there(root: Path, target: str) -> bool:
    """Whether an included file is there, and the section of it, which only results have."""
    name, _, section = target.partition(":")
    file = _target(root, name)
    if not file.is_file() or bool(section) != target.startswith(f"{RESULTS}/"):
        return False
    return not section or f"[start:{section}]" in file.read_text(encoding="utf-8")


def shown_on(root: Path, page: Path) -> set[Path]:
    """Return the files that a page includes in blocks."""
    text = page.read_text(encoding="utf-8")
    return {_target(root, block.include) for block in markdown.blocks(text) if block.include}


def readme_problems(root: Path) -> list[str]:
    """GitHub includes no files, so README repeats a snippet and its output letter by letter."""
    readme = root / "README.md"
    if not readme.is_file():
        return []
    texts = {snippet.path.read_text(encoding="utf-8").strip() for snippet in find(root)}
    return [
        f"README.md:{block.line}: a Python block that is no file of docs/snippets"
        for block in markdown.blocks(readme.read_text(encoding="utf-8"))
        if block.language in PYTHON and block.text.strip() not in texts
    ]


def shown_in_readme(root: Path) -> set[Path]:
    """Return the files that README repeats."""
    readme = root / "README.md"
    if not readme.is_file():
        return set()
    texts = {b.text.strip() for b in markdown.blocks(readme.read_text(encoding="utf-8"))}
    files = [file for one in find(root) for file in (one.path, one.out) if file.is_file()]
    return {file for file in files if file.read_text(encoding="utf-8").strip() in texts}


def unshown_problems(root: Path) -> list[str]:
    """No snippet that a reader cannot see."""
    shown = shown_in_readme(root)
    for page in markdown.pages(root):
        shown |= shown_on(root, page)
    files = {file for one in find(root) for file in (one.path, one.out) if file.is_file()}
    return [
        f"{file.relative_to(root).as_posix()}: no page shows it" for file in sorted(files - shown)
    ]
