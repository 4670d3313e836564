"""Python for the browser: Pyodide's core from npm, NumPy, and what of this project needs no more.

All of it becomes part of the site, so that a page that runs code asks no third party for anything.
NumPy's wheel comes from the folder that `PYODIDE_WHEELS` names, or from Pyodide's distribution, and
is checked against the lock file of the npm package in either case. Without it a build is complete
too: the pages then say why nothing runs on them.

The browser gets bytecode, because Python is slow at compiling there: of the seconds that a start
took with sources, two thirds went into it.
"""

from __future__ import annotations

import ast
import functools
import gzip
import hashlib
import io
import json
import logging
import os
import re
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from typing import NamedTuple

import bytecode
import node
from mkdocs.exceptions import PluginError

log = logging.getLogger("mkdocs.plugins.run")

DISTRIBUTION = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{file}"
TIMEOUT = 10.0
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm")
LIBRARY = "lib/python312.zip"
PACKAGES = "lib/python3.12/site-packages"
# What NumPy, the package and its snippets import besides what a fresh interpreter has loaded: of
# the standard library this is bytecode, and all else source, which is smaller.
IMPORTED = (
    *(
        "__future__",
        "argparse",
        "base64",
        "collections",
        "csv",
        "ctypes",
        "dataclasses",
        "datetime",
    ),
    *("decimal", "encodings.cp437", "fractions", "functools", "gzip", "hashlib", "hmac", "json"),
    *("numbers", "pickle", "platform", "secrets", "statistics"),
)
# What of NumPy's wheel nobody imports here.
UNUSED = re.compile(
    r"/tests/|/f2py/|/include/|\.(?:pyi|pxd|typed|a|c|h|f|f90|txt|build|ini)$|/_simd\.|/lapack_lite\.|/RECORD$"
    r"|/_(?:umath|operand_flag|rational|struct_ufunc)_tests\."
)
# What a browser has no use for: it has no torch, and draws nothing with Matplotlib.
ABSENT = ("torch", "experiments")


class Piece(NamedTuple):
    """A file that the browser loads before the first run."""

    name: str
    content: bytes
    sha256: str
    packed: bool = False

    @classmethod
    def plain(cls, name: str, content: bytes) -> Piece:
        return cls(name, content, hashlib.sha256(content).hexdigest())

    @classmethod
    def pack(cls, name: str, content: bytes) -> Piece:
        """Return a piece that is published compressed.

        Some hosts compress a .wasm file and some do not, so the site holds it compressed.
        """
        plain = cls.plain(name, content)
        cached = node.CACHE / "pyodide" / f"{plain.sha256}.gz"
        if not cached.exists():
            _write(cached, gzip.compress(content, 9, mtime=0))
        return plain._replace(content=cached.read_bytes(), packed=True)


def pieces() -> tuple[list[Piece], str]:
    """Return the files that Python needs in the browser, or none and the reason."""
    package = node.install() / "pyodide"
    lock = json.loads((package / "pyodide-lock.json").read_text(encoding="utf-8"))
    entry = lock["packages"]["numpy"]
    wheel, reason = _numpy(lock["info"]["version"], entry["file_name"], entry["sha256"])
    if wheel is None:
        return [], reason
    out = [
        (Piece.pack if name.endswith(".wasm") else Piece.plain)(name, (package / name).read_bytes())
        for name in CORE
    ]
    library = _library((package / "python_stdlib.zip").read_bytes())
    out.append(Piece.pack("python_stdlib.zip", library))
    short = json.dumps(lock | {"packages": {}}).encode()
    out.append(Piece.plain("pyodide-lock.json", short))
    out.append(Piece.pack(f"numpy-{entry['version']}.files", bundle(_without_sources(wheel))))
    return out, ""


def _library(stock: bytes) -> bytes:
    """The standard library, with bytecode in place of what a start loads."""
    with zipfile.ZipFile(io.BytesIO(stock)) as archive:
        files = {f"{LIBRARY}/{name}": archive.read(name) for name in archive.namelist()}
    for name, code in bytecode.compiled(files, IMPORTED).items():
        del files[name.removesuffix("c")]
        files[name] = code
    short = {name.removeprefix(f"{LIBRARY}/"): content for name, content in files.items()}
    return bytecode.archive(short)


def _without_sources(wheel: bytes) -> dict[str, bytes]:
    """What of NumPy can be imported: extensions and bytecode."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = [name for name in archive.namelist() if not UNUSED.search(name)]
        files = {f"{PACKAGES}/{name}": archive.read(name) for name in names if name[-1] != "/"}
    others = {name: content for name, content in files.items() if not name.endswith(".py")}
    return others | bytecode.compiled(files)


def bundle(files: dict[str, bytes]) -> bytes:
    """Join files to one that is quickly taken apart: a line of paths and lengths, then contents."""
    head = json.dumps([[f"/{path}", len(content)] for path, content in files.items()])
    return b"".join([head.encode(), b"\n", *files.values()])


def _numpy(version: str, file: str, sha256: str) -> tuple[bytes | None, str]:
    """NumPy's wheel, or None and the reason why it is absent; a wrong sum fails the build."""
    if folder := os.environ.get("PYODIDE_WHEELS"):
        path = node.ROOT / folder / file
        if not path.is_file():
            return None, f"the folder of PYODIDE_WHEELS holds no {file}"
        return _checked(path.read_bytes(), sha256, str(path)), ""
    cached = node.CACHE / "pyodide" / file
    if cached.is_file() and hashlib.sha256(cached.read_bytes()).hexdigest() == sha256:
        return cached.read_bytes(), ""
    address = DISTRIBUTION.format(version=version, file=file)
    content = _fetched(address)
    if content is None:
        return None, "NumPy for the browser could not be fetched when these pages were built"
    _write(cached, _checked(content, sha256, address))
    return content, ""


@functools.cache
def _fetched(address: str) -> bytes | None:
    """What lies at an address, asked once: while pages are served, each change builds them anew."""
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
            return answer.read()
    except OSError:
        log.info("NumPy for the browser could not be fetched: the snippets will not run in pages.")
        return None


def _checked(content: bytes, sha256: str, source: str) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise PluginError(
            f"{source}: its sha256 is {found}, and Pyodide's lock file names {sha256}"
        )
    return content


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def own() -> Piece:
    """Return what the project's own code needs in the browser, sources and bytecode."""
    project = tomllib.loads((node.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = project["version"]
    files = {
        f"{PACKAGES}/{path.relative_to(node.ROOT).as_posix()}": path.read_bytes()
        for path in _sources()
    }
    made = bytecode.compiled({n: c for n, c in files.items() if n.endswith(".py")})
    for name, code in made.items():
        folder, _, file = name.rpartition("/")
        files[f"{folder}/__pycache__/{file.replace('.pyc', '.cpython-312.pyc')}"] = code
    files[f"{PACKAGES}/rnn_book-{version}.dist-info/METADATA"] = (
        f"Metadata-Version: 2.1\nName: rnn-book\nVersion: {version}\n"
    ).encode()
    return Piece.pack(f"rnn_book-{version}.files", bundle(files))


def _sources() -> list[Path]:
    found = [
        path
        for path in (node.ROOT / "rnn_book").rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.relative_to(node.ROOT / "rnn_book").with_suffix("").parts[0] not in ABSENT
    ]
    return sorted([*found, *(node.ROOT / "tools" / "page").rglob("*.py")])


@functools.cache
def needs_numpy_alone(source: str) -> bool:
    """Tell whether a program imports nothing but NumPy, its half of rnn_book, and Python's own."""
    return all(
        package in sys.stdlib_module_names
        or package == "numpy"
        or (package == "rnn_book" and (not inner or inner[0] not in ABSENT))
        for package, *inner in (name.split(".") for name in imported(source))
    )


def imported(source: str) -> list[str]:
    """What a program imports, with its modules."""
    names = []
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.Import):
            names += [alias.name for alias in one.names]
        elif isinstance(one, ast.ImportFrom):
            names += [f"{one.module}.{alias.name}" for alias in one.names]
    return names
