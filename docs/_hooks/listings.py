"""Show lines of the package on a page: what a reader sees is what runs.

A fenced block of language `package` names an object, and optionally the lines of it to show:

    ```package
    rnn_book.numpy.lstm:LSTMStep.step
    i, f, g, o
    c = f
    ```

Each further line is the beginning of a source line, in order; the whole statement is shown. Without
them the object is shown whole, less its docstring. The source is read with `ast`, never imported. A
name or a line that is not found fails the build. Below a step stands whether these lines run by
default: in `rnn_book.torch`, a cell that is entered in KERNELS has something faster.
"""

from __future__ import annotations

import ast
import functools
import posixpath
import re
import textwrap
from pathlib import Path

from mkdocs.exceptions import PluginError

# The folders of the package whose reference is a page of its own.
OWN_REFERENCE = {"numpy", "torch", "projects"}

COLUMNS = 80  # that a page shows

BLOCK = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,})package[ \t]*\n(?P<body>.*?)^(?P=indent)(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def on_page_markdown(markdown, page, config, files):
    root = Path(config.config_file_path).parent

    def listing(match: re.Match) -> str:
        name, *wanted = textwrap.dedent(match["body"]).strip("\n").split("\n")
        try:
            path, first, last, code = excerpt(root, name.strip(), [w for w in wanted if w.strip()])
        except LookupError as error:
            raise PluginError(f"{page.file.src_uri}: package block: {error.args[0]}") from None
        link = _address(name.strip(), path, first, last, page, config)
        shown = name.partition(":")[2].strip().replace("_", r"\_")
        long = " .long-lines" * any(len(line) > COLUMNS for line in code.split("\n"))
        block = (
            f"```{{ .python .listing{long} .no-copy }}\n{code}\n```\n\n"
            f"[{path}:{first}]({link}) {shown}{_what_runs(root, name.strip())}\n"
            "{: .listing-source }\n"
        )
        return textwrap.indent(block, match["indent"])

    return BLOCK.sub(listing, markdown)


def excerpt(root: Path, name: str, wanted: list[str]) -> tuple[str, int, int, str]:
    """Return file, first line, last line and code of `module:object` under root."""
    module, _, qualname = name.partition(":")
    path = _file(root, module)
    text = path.read_text(encoding="utf-8")
    node = _find(_parsed(text), qualname, name)
    lines = text.splitlines()
    if wanted:
        rows = _statements(node, lines, wanted, name)
    else:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        doc = _docstring(node)
        rows = [r for r in range(first, node.end_lineno + 1) if r not in doc]
    shown: list[str] = []
    for before, row in zip([rows[0], *rows], rows, strict=False):
        # A gap is shown as a gap, unless only blank lines or the docstring were left out.
        skipped = [lines[r - 1] for r in range(before + 1, row) if lines[r - 1].strip()]
        if wanted and skipped:
            indent = re.match(r"\s*", skipped[0])[0]
            shown.append(f"{indent}...")
        shown.append(lines[row - 1])
    code = textwrap.dedent("\n".join(shown)).strip("\n")
    return path.relative_to(root).as_posix(), rows[0], rows[-1], code


def _what_runs(root: Path, name: str) -> str:
    """Say of a step whether its lines run by default, or something faster in their place."""
    module, _, qualname = name.partition(":")
    owner, _, method = qualname.rpartition(".")
    if method != "step":
        return ""
    if f"KERNELS[{owner}]" not in _file(root, module).read_text(encoding="utf-8"):
        return ". These lines run."
    return (
        ". By default PyTorch's fused call runs in their place, or a hand-written loop where an "
        "option acts between two steps; `layer.fast = False` runs these lines. All agree, by test."
    )


@functools.cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _file(root: Path, module: str) -> Path:
    stem = root.joinpath(*module.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    raise LookupError(f"there is no module {module}")


def _find(tree: ast.AST, qualname: str, name: str) -> ast.AST:
    node = tree
    for part in filter(None, qualname.split(".")):
        for child in node.body:
            targets = getattr(child, "targets", [getattr(child, "target", None)])
            if getattr(child, "name", None) == part or any(
                isinstance(t, ast.Name) and t.id == part for t in targets
            ):
                node = child
                break
        else:
            raise LookupError(f"{name}: there is no {part}")
    if node is tree:
        raise LookupError(f"{name}: name an object, as in module:object")
    return node


def _docstring(node: ast.AST) -> range:
    body = getattr(node, "body", None)
    if body and ast.get_docstring(node, clean=False) is not None:
        return range(body[0].lineno, body[0].end_lineno + 1)
    return range(0)


def _statements(node: ast.AST, lines: list[str], wanted: list[str], name: str) -> list[int]:
    """Rows of the statements that begin as wanted; of a compound statement the head alone."""
    spans = {}
    for inner in ast.walk(node):
        if isinstance(inner, ast.stmt):
            body = getattr(inner, "body", None)
            last = body[0].lineno - 1 if body else inner.end_lineno
            spans[inner.lineno] = max(inner.lineno, last)
    rows: list[int] = []
    row = node.lineno
    for beginning in wanted:
        while row <= node.end_lineno and not (
            row in spans and lines[row - 1].strip().startswith(beginning.strip())
        ):
            row += 1
        if row > node.end_lineno:
            raise LookupError(f"{name} has no line (left) that begins with {beginning.strip()!r}")
        rows += range(row, spans[row] + 1)
        row = rows[-1] + 1
    return rows


def _address(name: str, path: str, first: int, last: int, page, config) -> str:
    repository = (config.extra.get("repository") or "").rstrip("/")
    if repository:
        return f"{repository}/blob/main/{path}#L{first}-L{last}"
    half = path.split("/")[1]
    target = f"reference/{half}.md" if half in OWN_REFERENCE else "reference/shared.md"
    # The reference shows no private method by itself, but in the source of its class.
    anchor = name.replace(":", ".").partition("._")[0]
    return posixpath.relpath(target, posixpath.dirname(page.file.src_uri) or ".") + f"#{anchor}"
