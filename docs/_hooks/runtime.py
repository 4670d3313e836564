"""Python for the browser: Pyodide's core from npm, NumPy's wheel, and a wheel of this project.

All of it becomes part of the site, so that a page that runs code asks no third party for anything.
NumPy's wheel comes from the folder that `PYODIDE_WHEELS` names, or from Pyodide's distribution, and
is checked against the lock file of the npm package in either case. Without it a build is complete
too: the pages then say why nothing runs on them.
"""

from __future__ import annotations

import ast
import base64
import functools
import gzip
import hashlib
import io
import json
import logging
import os
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from typing import NamedTuple

import node
from mkdocs.exceptions import PluginError

log = logging.getLogger("mkdocs.plugins.run")

DISTRIBUTION = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{file}"
TIMEOUT = 10.0
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
# Some hosts compress a .wasm file and some do not, so the site holds it compressed. The name says
# nothing of gzip, because a host may unpack what does.
PACKED = ("pyodide.asm.wasm",)
# What a browser has no use for: it has no torch, and draws nothing with Matplotlib.
ABSENT = ("torch", "experiments", "plots")


class Piece(NamedTuple):
    """A file that the browser loads before the first run."""

    name: str
    content: bytes
    sha256: str
    packed: bool = False

    @classmethod
    def plain(cls, name: str, content: bytes) -> Piece:
        return cls(name, content, hashlib.sha256(content).hexdigest())


def pieces() -> tuple[list[Piece], str]:
    """Return the files that Python needs in the browser, or none and the reason."""
    package = node.install() / "pyodide"
    lock = json.loads((package / "pyodide-lock.json").read_text(encoding="utf-8"))
    entry = lock["packages"]["numpy"]
    wheel, reason = _numpy(lock["info"]["version"], entry["file_name"], entry["sha256"])
    if wheel is None:
        return [], reason
    out = [_piece(name, (package / name).read_bytes()) for name in CORE]
    short = json.dumps(lock | {"packages": {"numpy": entry}}).encode()
    out.append(_piece("pyodide-lock.json", short))
    out.append(_piece(entry["file_name"], wheel))
    return out, ""


def _piece(name: str, content: bytes) -> Piece:
    plain = Piece.plain(name, content)
    if name not in PACKED:
        return plain
    cached = node.CACHE / "pyodide" / f"{plain.sha256}.gz"
    if not cached.exists():
        _write(cached, gzip.compress(content, 9, mtime=0))
    return plain._replace(content=cached.read_bytes(), packed=True)


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


def wheel() -> tuple[str, bytes]:
    """Return name and content of the project's wheel for the browser: what needs NumPy alone."""
    project = tomllib.loads((node.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = project["version"]
    stem = f"rnn_book-{version}"
    files = {path.relative_to(node.ROOT).as_posix(): path.read_bytes() for path in _sources()}
    about = f"{stem}.dist-info"
    files[f"{about}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: rnn-book\nVersion: {version}\n"
    ).encode()
    files[f"{about}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: rnn_book\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = [
        f"{name},sha256={_urlsafe(hashlib.sha256(content).digest())},{len(content)}"
        for name, content in files.items()
    ]
    files[f"{about}/RECORD"] = "\n".join([*rows, f"{about}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            # A date of its own would change the address of the same content.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return f"{stem}-py3-none-any.whl", buffer.getvalue()


def _urlsafe(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _sources() -> list[Path]:
    found = [
        path
        for path in (node.ROOT / "rnn_book").rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.relative_to(node.ROOT / "rnn_book").with_suffix("").parts[0] not in ABSENT
    ]
    return sorted([*found, *(node.ROOT / "tools" / "page").rglob("*.py")])


def needs_numpy_alone(source: str) -> bool:
    """Tell whether a program imports nothing but NumPy, its half of rnn_book, and Python's own."""
    return all(
        package in sys.stdlib_module_names
        or package == "numpy"
        or (package == "rnn_book" and (not inner or inner[0] not in ABSENT))
        for package, *inner in (name.split(".") for name in _imported(source))
    )


def _imported(source: str) -> list[str]:
    names = []
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.Import):
            names += [alias.name for alias in one.names]
        elif isinstance(one, ast.ImportFrom):
            names += [f"{one.module}.{alias.name}" for alias in one.names]
    return names
