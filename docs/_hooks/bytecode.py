"""Bytecode for the browser's Python, made by that Python itself, under Node.

A start with sources spends two thirds of its time on compiling them, at each start anew.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tempfile
import zipfile
from pathlib import Path

import node
from mkdocs.exceptions import PluginError

SCRIPT = Path(__file__).with_suffix(".mjs")
TIMEOUT = 600.0


def compiled(sources: dict[str, bytes], modules: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Compile Python files, named by where they will lie.

    Parameters
    ----------
    sources : dict
        Path without its first slash -> source.
    modules : tuple of str
        Where given, only what is loaded when these are imported is compiled.

    Returns
    -------
    dict
        Path with the ending ``.pyc`` -> bytecode.
    """
    digest = hashlib.sha256(SCRIPT.read_bytes() + node.version("pyodide").encode())
    for name in (*modules, *sources):
        digest.update(f"{name}\0".encode() + hashlib.sha256(sources.get(name, b"")).digest())
    cached = node.CACHE / "pyodide" / f"bytecode-{digest.hexdigest()[:16]}.zip"
    # A damaged archive is none.
    if not cached.is_file() or not zipfile.is_zipfile(cached):
        _compile(sources, modules, cached)
    with zipfile.ZipFile(cached) as made:
        return {name: made.read(name) for name in made.namelist()}


def _compile(sources: dict[str, bytes], modules: tuple[str, ...], to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        given, made = Path(folder) / "sources.zip", Path(folder) / "out.zip"
        given.write_bytes(archive(sources))
        pyodide = node.install() / "pyodide"
        command = [node.executable(), str(SCRIPT), str(pyodide), str(given), str(made), *modules]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
        if done.returncode:
            raise PluginError(f"Python for the browser did not compile:\n{done.stderr[-2000:]}")
        os.replace(made, to)


def archive(files: dict[str, bytes]) -> bytes:
    """Return a zip archive without compression, and without a time: content alone makes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, content in files.items():
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()
