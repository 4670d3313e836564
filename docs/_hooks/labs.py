"""Labs: scripts that mkdocs-jupyter executes, shown as pages like all others.

mkdocs-jupyter runs a lab and caches its outputs. Its page, though, brings 575 KB of CSS, leaves
links and images in Markdown cells as they are, and prints admonitions literally. So only the
outputs are taken from it: the cells themselves are handed to MkDocs as Markdown, which checks
links, typesets formulas and adds copy buttons as on any page.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import platform
import re
import shutil
from importlib import metadata
from itertools import groupby
from pathlib import Path
from urllib.parse import urljoin

import jupytext
from bs4 import BeautifulSoup
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from rnn_book.palette import LIGHT, QUANTITIES, colour

log = logging.getLogger("mkdocs.plugins.labs")

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SVG = "data:image/svg+xml;base64,"
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")

# Plots as SVG; and no warning that the kernel, on this machine alone, talks without encryption.
KERNEL = """\
c.InlineBackend.figure_formats = {"svg"}
c.IPKernelApp.log_level = "ERROR"
"""


def is_lab(file) -> bool:
    return file.src_uri.startswith("labs/") and file.src_uri.endswith(".py")


def on_config(config):
    cache = Path(config.config_file_path).parent / ".cache"
    # Without these, IPython, Jupyter and Matplotlib write into the reader's home folder.
    for name, folder in {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
        "MPLCONFIGDIR": "matplotlib",
    }.items():
        (cache / folder).mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(cache / folder)
    # This environment's kernel, not one of the same name that the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    profile = cache / "ipython" / "profile_default"
    profile.mkdir(exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL, encoding="utf-8")
    return config


def on_pre_build(config):
    """Key the cache by what the outputs depend on: mkdocs-jupyter's own key knows the lab alone."""
    labs = Path(config.config_file_path).parent / ".cache" / "labs"
    wanted = labs / _digest(Path(config.config_file_path).parent)
    for old in labs.glob("*"):
        if old != wanted:
            shutil.rmtree(old, ignore_errors=True)
    config.plugins["mkdocs-jupyter"].config["cache_dir"] = str(wanted)


def _digest(root: Path) -> str:
    key = hashlib.sha256(platform.python_version().encode())
    for package in ("numpy", "torch", "matplotlib"):
        key.update(f"{package} {metadata.version(package)}".encode())
    sources = sorted((root / "rnn_book").rglob("*.py"))
    for path in [root / "constraints.txt", *sources]:
        if path.is_file():
            key.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return key.hexdigest()[:16]


def on_files(files, config):
    for file in [f for f in files if is_lab(f)]:
        notebook = jupytext.read(file.abs_src_path)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = _absolute(cell.source, file, files, config)
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        uri = file.src_uri.removesuffix(".py") + ".ipynb"
        files.append(File.generated(config, uri, content=jupytext.writes(notebook, fmt="ipynb")))
    return files


def _absolute(source: str, lab, files, config) -> str:
    """Links that still work once the notebook is elsewhere; without a site address, their text."""

    def link(match: re.Match) -> str:
        path, _, anchor = match[2].partition("#")
        uri = os.path.normpath(os.path.join(os.path.dirname(lab.src_uri), path)).replace("\\", "/")
        file = files.get_file_from_path(uri)
        if file is None or not config.site_url:
            return match[1]
        return f"[{match[1]}]({urljoin(config.site_url, file.url)}{'#' * bool(anchor)}{anchor})"

    return LINK.sub(link, source)


def on_page_markdown(markdown, page, config, files):
    if not is_lab(page.file):
        return markdown
    run = page.__dict__.pop("render")  # set by mkdocs-jupyter; MkDocs' own comes back to light
    title = page.__dict__.get("title")  # from the navigation
    try:
        run(config, files)
    except Exception as error:
        reason = ANSI.sub("", str(error)).strip()
        raise PluginError(f"{page.file.src_uri}: the lab fails:\n{reason}") from None
    cells = BeautifulSoup(page.content, "html.parser").select(".jp-Notebook > .jp-Cell")
    page.content = None
    page.__dict__.pop("title", None)
    if title is not None:
        page.title = title
    return "\n\n".join(_cells(page.file, cells))


def _cells(file, rendered):
    name = Path(file.src_uri).stem + ".ipynb"
    download = (
        f"[:material-download: Download as a notebook]({name}){{ .lab-download download={name} }}"
    )
    notebook = jupytext.read(file.abs_src_path)
    for cell, shown in zip(notebook.cells, rendered, strict=True):
        if cell.cell_type == "markdown":
            # The download stands below the title, which the first cell begins with.
            head, _, rest = cell.source.partition("\n")
            is_title = bool(download) and head.startswith("# ")
            yield f"{head}\n\n{download}\n\n{rest}" if is_title else cell.source
            download = "" if is_title else download
        elif cell.cell_type == "code":
            yield _fence(".python .lab-code", cell.source)
            outputs = shown.select(".jp-OutputArea-output")
            for is_stream, group in groupby(outputs, key=_is_stream):
                same = list(group)
                yield from _stream(same) if is_stream else _results(same, cell, file)


def _is_stream(output) -> bool:
    # nbconvert calls what goes to stdout plain text, as it does a result.
    kind, is_result = (
        output.get("data-mime-type", ""),
        "jp-OutputArea-executeResult" in output["class"],
    )
    return kind == "application/vnd.jupyter.stderr" or (kind == "text/plain" and not is_result)


def _stream(outputs):
    """What a terminal would show in the end: a progress bar overwrites its own line."""
    text = ANSI.sub("", "".join(output.pre.get_text() for output in outputs))
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    yield _fence(".text .lab-output .no-copy", "\n".join(lines).strip("\n"))


def _results(outputs, cell, file):
    for output in outputs:
        if image := output.find("img"):
            if "alt" not in cell.metadata:
                log.warning(
                    '%s: a plot has no alt text; begin its cell: # %%%% alt="..."', file.src_uri
                )
            image["alt"] = cell.metadata.get("alt", "")
            image["src"] = _in_both_themes(image["src"])
            yield f'<div class="lab-plot">{image}</div>'
        elif table := output.find("table"):
            yield f"<div>{table}</div>"
        else:
            text = ANSI.sub("", output.get_text()).strip("\n")
            yield _fence(".text .lab-output .no-copy", text)


def _in_both_themes(source: str) -> str:
    """Let a plot that knows one theme follow the page's: what is light becomes dark."""
    svg = base64.b64decode(source.removeprefix(SVG)).decode() if source.startswith(SVG) else ""
    if not svg or "prefers-color-scheme" in svg:
        return source
    pairs = [(colour(name, "light"), colour(name, "dark")) for name in (*QUANTITIES, *LIGHT)]
    # Matplotlib's own ink, and the frame of its legends.
    pairs += [("#000000", colour("ink", "dark")), ("#cccccc", colour("edge", "dark"))]
    rules = [
        f'[style*="{what}: {light}"] {{ {what}: {dark} !important }}'
        for light, dark in dict(pairs).items()
        for what in ("fill", "stroke")
    ]
    rules.append(f"svg {{ fill: {colour('ink', 'dark')} }}")  # letters have no colour of their own
    style = "<style>@media (prefers-color-scheme: dark) { " + " ".join(rules) + " }</style>"
    svg = re.sub(r"<svg\b[^>]*>", lambda tag: tag[0] + style, svg, count=1)
    return SVG + base64.b64encode(svg.encode()).decode()


def _fence(classes: str, code: str) -> str:
    return f"````{{ {classes} }}\n{code}\n````"
