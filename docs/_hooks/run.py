"""Let pages run Python: put the runtime into the site, and mark the blocks that can run.

A block that includes a `*_numpy.py` snippet gets the class `run` and the snippet's name. A block of
language `exercise` names one of tools/page/exercises, and becomes its first lines or its question.
A page with something to run gets one small script; everything else is loaded when the reader
presses a button. What is loaded lies in folders named by their content, so that a browser may keep
it.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import posixpath
import re
import textwrap
from pathlib import Path

import node
import offline
import runtime
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from tools.page import exercises

FOLDER = "assets/run"
FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,})python[ \t]*\n"
    r'(?P<include>[ \t]*--8<-- "(?P<file>[^"]+)"[ \t]*\n)',
    re.MULTILINE,
)
EXERCISE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,})exercise[ \t]*\n"
    r"(?P<body>.*?)^(?P=indent)(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
RUNS = re.compile(r"data-run(?:-module)?=")

_here: dict[str, str] = {}
_read: dict[tuple[bytes, str | None], list[runtime.Piece]] = {}


def on_files(files, config):
    modules = {}
    for file in [file for file in files if file.src_uri.startswith(f"{FOLDER}/")]:
        files.remove(file)  # published below, under an address that knows the content
        modules[posixpath.basename(file.src_uri)] = Path(file.abs_src_path).read_bytes()
    pieces, reason = _pieces()
    package = runtime.own()
    core = f"assets/pyodide/{_digest([piece.content for piece in pieces])}"
    own = f"{FOLDER}/{_digest([*modules.values(), package.content, core.encode()])}"
    for piece in pieces:
        uri = f"{core}/{_published(piece)}"
        files.append(File.generated(config, uri, content=piece.content))
    listed = [
        _entry(piece, posixpath.relpath(f"{core}/{_published(piece)}", own)) for piece in pieces
    ]
    listed.append(_entry(package, _published(package)))
    listed += [_entry(runtime.Piece.plain(name, text), name) for name, text in modules.items()]
    modules[_published(package)] = package.content
    modules["files.json"] = json.dumps(listed).encode()
    for name, content in modules.items():
        files.append(File.generated(config, f"{own}/{name}", content=content))
    megabytes = sum(one["bytes"] for one in listed) / 1e6
    _here.update(own=own, missing=reason, size=f"{megabytes:.0f} MB")
    return files


def _pieces() -> tuple[list[runtime.Piece], str]:
    """What Python needs, read once where pages are served and built again and again."""
    if offline.is_on():
        return [], offline.REASON
    key = (node.ROOT / "package-lock.json").read_bytes(), os.environ.get("PYODIDE_WHEELS")
    if key not in _read:
        pieces, reason = runtime.pieces()
        if not pieces:
            return pieces, reason
        _read[key] = pieces
    return _read[key], ""


def _entry(piece: runtime.Piece, url: str) -> dict[str, object]:
    return {
        "name": piece.name,
        "url": url,
        "bytes": len(piece.content),
        "sha256": piece.sha256,
        "packed": piece.packed,
    }


def _published(piece: runtime.Piece) -> str:
    return f"{piece.name}.bin" if piece.packed else piece.name


def _digest(contents: list[bytes]) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:12]


def on_page_markdown(markdown, page, config, files):
    snippets = Path(config.docs_dir) / "snippets"

    def mark(match: re.Match) -> str:
        path = snippets / match["file"]
        if not match["file"].endswith("_numpy.py") or not path.is_file():
            return match[0]
        if not runtime.needs_numpy_alone(path.read_text(encoding="utf-8")):
            return match[0]
        name = match["file"].removesuffix("_numpy.py")
        head = f'{match["indent"]}{match["fence"]}{{ .python .run data-run="{name}" }}\n'
        return head + match["include"]

    def ask(match: re.Match) -> str:
        name = match["body"].strip()
        if name not in exercises.EXERCISES:
            raise PluginError(f"{page.file.src_uri}: there is no exercise {name!r} in tools/page")
        return textwrap.indent(_exercise(name), match["indent"])

    return EXERCISE.sub(ask, FENCE.sub(mark, markdown))


def _exercise(name: str) -> str:
    """A coding exercise as its first lines, to be edited; a prediction as its question."""
    one = exercises.EXERCISES[name]
    if isinstance(one, exercises.Coding):
        return (
            f"```{{ .python .exercise .no-copy }}\n{one.start}```\n\n"
            '<div data-run-module="exercise.js" data-run-label="Solve it here"'
            f' data-exercise="{name}"></div>\n'
        )
    shown = [one.choices[k] for k in one.order]
    data = {
        "question": one.question,
        "choices": [choice.text for choice in shown],
        "words": [choice.words for choice in shown],
        "right": one.order.index(0),
    }
    return (
        f'<div data-run-module="predict.js" data-run-label="Predict it first" data-run-free'
        f' data-exercise="{name}" data-predict="{html.escape(json.dumps(data))}"></div>\n'
    )


def on_post_page(output, page, config):
    if not RUNS.search(output):
        return output
    address = get_relative_url(_here["own"], page.url or ".")
    tag = (
        f'<script defer src="{address}/start.js" data-size="{_here["size"]}"'
        f' data-missing="{html.escape(_here["missing"])}"></script>'
    )
    sheets = ["run.css"] + ["lab.css"] * ("data-run-module=" in output)
    links = "".join(f'<link rel="stylesheet" href="{address}/{name}">' for name in sheets)
    return output.replace("</head>", f"{links}</head>", 1).replace("</body>", f"{tag}</body>", 1)
