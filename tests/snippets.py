"""The snippets of the book: find them, hold them to the rules, run them, record their output.

A short library of our own. pytest-examples takes pytest down with a failing example, and sybil and
its like execute the include lines. Every function takes the folder of a checkout, so that the tests
can plant faults in a copy. A problem is a sentence that starts with the file it is about.
"""

from __future__ import annotations

import ast
import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests import markdown

LINES = 25  # that are not blank
SECONDS = 120  # for one snippet; they take about three
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*_(numpy|torch)\.py")
PYTHON = {"python", "py", "python3", "py3", "pycon", "python-console", "ipython", "ipython3"}
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
ABSOLUTE = re.compile(r"/\w|~/|[A-Za-z]:[\\/]")

# Run as `python -I -c`: isolated, so neither the caller's variables nor the folder count. Freezing
# spares the interpreter half a second of collecting torch's objects on its way out.
START = """
import atexit, gc, runpy, sys
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"):
        raise PermissionError("a snippet does without the network")
sys.addaudithook(hook)
atexit.register(gc.freeze)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


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


@dataclass(frozen=True)
class Run:
    """What one execution left behind."""

    returncode: int
    stdout: str
    stderr: str


# ---------------------------------------------------------------------------------------- files


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
    """Everything below docs/snippets is a snippet or the recorded output of one."""
    found = find(root)
    outputs = {snippet.out for snippet in found}
    known = {snippet.path for snippet in found} | outputs
    for path in sorted((root / "docs" / "snippets").rglob("*")):
        if path.is_dir() or path in known or "__pycache__" in path.parts:
            continue
        label = path.relative_to(root).as_posix()
        if path.suffix == ".out":
            yield f"{label}: no snippet prints this, remove it or write {path.stem}_numpy.py"
        else:
            yield f"{label}: neither <name>_numpy.py, <name>_torch.py nor <name>.out"
    for out in sorted(outputs):
        if not out.is_file():
            yield f"{out.relative_to(root).as_posix()}: missing, run pytest --update-snippets"


# --------------------------------------------------------------------------------------- source


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
    count = sum(bool(line.strip()) for line in text.splitlines())
    if count > LINES:
        found.append(f"{snippet.label}: has {count} lines that are not blank, at most {LINES}")
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


# ---------------------------------------------------------------------------------------- pages


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
        elif not _target(root, target).is_file():
            found.append(f"{label}:{line}: includes {target}, which does not exist")
    here = shown_on(root, page)
    for snippet in find(root):
        if snippet.path in here and snippet.out not in here:
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


# ----------------------------------------------------------------------------------------- runs


class Runner:
    """Run snippets, two at a time, each in an interpreter and an empty folder of its own.

    A source that was run already is not run again: a copy of the docs costs nothing. Nothing is
    kept beyond the process.
    """

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers)
        self._runs: dict[str, Future[Run]] = {}

    def start(self, snippet: Snippet) -> Future[Run]:
        """Queue a snippet."""
        source = snippet.path.read_text(encoding="utf-8")
        if source not in self._runs:
            self._runs[source] = self._pool.submit(execute, snippet.path)
        return self._runs[source]

    def run(self, snippet: Snippet) -> Run:
        """Wait for the result of a snippet."""
        return self.start(snippet).result()

    def close(self) -> None:
        """Drop what is still queued."""
        self._pool.shutdown(cancel_futures=True)


def execute(path: Path) -> Run:
    """Run one file in a fresh interpreter, from an empty folder, with a bare environment."""
    with tempfile.TemporaryDirectory() as scratch:
        empty, home = Path(scratch, "empty"), Path(scratch, "home")
        empty.mkdir()
        home.mkdir()
        variables = {"HOME": str(home), "TMPDIR": str(home), "OMP_NUM_THREADS": "1"}
        if "SYSTEMROOT" in os.environ:  # Windows starts no process without it
            variables |= {"SYSTEMROOT": os.environ["SYSTEMROOT"], "USERPROFILE": str(home)}
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-X", "utf8", "-c", START, str(path.resolve())],
                cwd=empty,
                env=variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Run(1, "", f"stopped after {SECONDS} s")
    return Run(done.returncode, done.stdout, done.stderr)


def run_problems(snippet: Snippet, run: Run) -> list[str]:
    """A snippet ends well, says nothing on stderr, and prints something."""
    if run.returncode or run.stderr:
        tail = "\n".join(run.stderr.splitlines()[-15:])
        what = f"fails with exit code {run.returncode}" if run.returncode else "writes to stderr"
        return [f"{snippet.label}: {what}\n{tail}"]
    return [] if run.stdout.strip() else [f"{snippet.label}: prints nothing"]


def output_problems(snippet: Snippet, run: Run) -> list[str]:
    """A snippet prints what is recorded, letter by letter."""
    if problems := run_problems(snippet, run):
        return problems
    recorded = snippet.out.read_text(encoding="utf-8") if snippet.out.is_file() else ""
    if run.stdout == recorded:
        return []
    changes = _difference(recorded, run.stdout, snippet.out.name, snippet.path.name)
    return [f"{snippet.label}: does not print what {snippet.out.name} holds\n{changes}"]


def pair_problems(pair: list[Snippet], runs: list[Run]) -> list[str]:
    """Both backends print the same."""
    (first, *others), (expected, *rest) = pair, runs
    return [
        f"{other.label}: does not print what {first.path.name} prints\n"
        + _difference(expected.stdout, run.stdout, first.path.name, other.path.name)
        for other, run in zip(others, rest, strict=True)
        if run.stdout != expected.stdout
    ]


def _difference(old: str, new: str, old_name: str, new_name: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), old_name, new_name, lineterm=""
    )
    return "\n".join(lines) or "(only the ends of lines differ)"


def problems(root: Path, runner: Runner, names: list[str]) -> list[str]:
    """Return all that is wrong in a checkout; of the snippets, those of the given names are run."""
    found = [*file_problems(root), *readme_problems(root), *unshown_problems(root)]
    for page in markdown.pages(root):
        found += page_problems(root, page)
    for name, pair in pairs(find(root)).items():
        for snippet in pair:
            found += source_problems(snippet)
        if name in names:
            runs = [runner.run(snippet) for snippet in pair]
            for snippet, run in zip(pair, runs, strict=True):
                found += output_problems(snippet, run)
            found += pair_problems(pair, runs)
    return found


# ---------------------------------------------------------------------------------------- record


def record(root: Path, part_of_name: str = "") -> tuple[list[str], bool]:
    """Record outputs anew. Return what was done, line by line, and whether all went well.

    An output is written when every half of the snippet keeps the rules, ends well and prints the
    same; else the file stays as it is.
    """
    chosen = {n: pair for n, pair in pairs(find(root)).items() if part_of_name in n}
    report: list[str] = [] if chosen else [f"no snippet has {part_of_name!r} in its name"]
    counts = {"new": 0, "changed": 0, "unchanged": 0, "failed": 0}
    runner = Runner()
    for pair in chosen.values():
        for snippet in pair:
            runner.start(snippet)
    for name, pair in chosen.items():
        runs = [runner.run(snippet) for snippet in pair]
        problems = [problem for snippet in pair for problem in source_problems(snippet)]
        for snippet, run in zip(pair, runs, strict=True):
            problems += run_problems(snippet, run)
        problems = problems or pair_problems(pair, runs)
        out = pair[0].out
        before = out.read_text(encoding="utf-8") if out.is_file() else None
        after = runs[0].stdout
        if problems:
            state = "failed"
        else:
            state = "new" if before is None else "unchanged" if before == after else "changed"
        counts[state] += 1
        if state != "unchanged":
            report.append(f"{state}: {name}.out")
            report += [f"  {line}" for problem in problems for line in problem.splitlines()]
        if state == "changed":
            changes = _difference(before or "", after, "before", "after").splitlines()[2:]
            report += [f"  {line}" for line in changes]
        if state in {"new", "changed"}:
            _write_whole(out, after)
    runner.close()
    report.append(", ".join(f"{count} {state}" for state, count in counts.items()))
    return report, bool(chosen) and not counts["failed"]


def _write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that an interruption leaves the old one."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)
