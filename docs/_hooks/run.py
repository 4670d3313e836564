"""Let pages run Python: put the runtime into the site, and mark the blocks that can run.

A block that includes a `*_numpy.py` snippet gets the class `run` and the snippet's name. A page
with something to run gets one small script; everything else is loaded when the reader presses a
button. What is loaded lies in folders named by their content, so that a browser may keep it.
"""

from __future__ import annotations

import hashlib
import html
import json
import posixpath
import re
from pathlib import Path

import runtime
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

FOLDER = "assets/run"
FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,})python[ \t]*\n"
    r'(?P<include>[ \t]*--8<-- "(?P<file>[^"]+)"[ \t]*\n)',
    re.MULTILINE,
)
RUNS = re.compile(r"data-run(?:-module)?=")

_here: dict[str, str] = {}


def on_files(files, config):
    modules = {}
    for file in [file for file in files if file.src_uri.startswith(f"{FOLDER}/")]:
        files.remove(file)  # published below, under an address that knows the content
        modules[posixpath.basename(file.src_uri)] = Path(file.abs_src_path).read_bytes()
    pieces, reason = runtime.pieces()
    core = f"assets/pyodide/{_digest([piece.content for piece in pieces])}"
    name, wheel = runtime.wheel()
    own = f"{FOLDER}/{_digest([*modules.values(), wheel, core.encode()])}"
    for piece in pieces:
        uri = f"{core}/{_published(piece)}"
        files.append(File.generated(config, uri, content=piece.content))
    listed = [
        _entry(piece.name, posixpath.relpath(f"{core}/{_published(piece)}", own), piece)
        for piece in pieces
    ]
    sha256 = hashlib.sha256(wheel).hexdigest()
    listed.append(_entry(name, name, runtime.Piece(name, wheel, sha256, packed=False)))
    modules |= {name: wheel, "files.json": json.dumps(listed).encode()}
    for name, content in modules.items():
        files.append(File.generated(config, f"{own}/{name}", content=content))
    megabytes = sum(one["bytes"] for one in listed) / 1e6
    _here.update(own=own, missing=reason, size=f"{megabytes:.0f} MB")
    return files


def _entry(name: str, url: str, piece: runtime.Piece) -> dict[str, object]:
    return {
        "name": name,
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

    return FENCE.sub(mark, markdown)


def on_post_page(output, page, config):
    if not RUNS.search(output):
        return output
    address = get_relative_url(_here["own"], page.url or ".")
    tag = (
        f'<script defer src="{address}/start.js" data-size="{_here["size"]}"'
        f' data-missing="{html.escape(_here["missing"])}"></script>'
    )
    sheets = ["run.css"] + ["lab.css"] * ('data-run-module="lab' in output)
    links = "".join(f'<link rel="stylesheet" href="{address}/{name}">' for name in sheets)
    return output.replace("</head>", f"{links}</head>", 1).replace("</body>", f"{tag}</body>", 1)
