"""Labs: scripts that are executed while the site is built, and shown as pages like all others.

jupytext reads a lab as a notebook, nbclient runs it, one lab on every core, from the moment on at
which MkDocs has found the files. Its cells and their outputs are handed to MkDocs as Markdown,
which checks links, typesets formulas and adds copy buttons as on any page.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import functools
import hashlib
import html
import logging
import os
import platform
import re
import shutil
import threading
from concurrent.futures import Future
from importlib import metadata
from itertools import groupby
from pathlib import Path
from urllib.parse import urljoin

import jupytext
import kernels
import nbformat
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from nbclient import NotebookClient
from runtime import imported

from rnn_book.experiments.palette import CONTENDERS, LIGHT, QUANTITIES, colour
from rnn_book.records import write_whole
from tools.downloads import shown

log = logging.getLogger("mkdocs.plugins.labs")

APART = ("rnn_book.experiments.", "rnn_book.projects.")
SECONDS = 600  # for one cell; labs take about 30
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SVG = "data:image/svg+xml;base64,"
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")

# Plots as SVG, the same at every build; and no warning that the kernel, on this machine alone,
# talks without encryption.
KERNEL = """\
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
c.InlineBackend.rc = {
    "svg.hashsalt": "rnn_book",
    "font.size": 12,  # to be read on a phone
    "axes.titlesize": "medium",
    "axes.formatter.min_exponent": 5,  # raised digits would be tiny
}
c.IPKernelApp.log_level = "ERROR"
"""

# One thread for each lab, so that they do not get in each other's way. A recorded progress bar
# tells nothing: whoever runs the notebook sees it move.
VARIABLES = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TQDM_DISABLE": "1"}

_sizes: dict[str, str] = {}  # of this build: the lab's uri -> how large its notebook is
_runs: dict[str, Future] = {}  # of this build: the lab's uri -> its executed notebook


class Lab(File):
    """A script that is a page."""

    def is_documentation_page(self) -> bool:
        return True


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
    kernels.install(cache / "jupyter" / "data")
    profile = cache / "ipython" / "profile_default"
    profile.mkdir(exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL, encoding="utf-8")
    return config


def _digest(root: Path) -> str:
    key = hashlib.sha256(f"{platform.python_version()} {KERNEL} {VARIABLES}".encode())
    for package in ("numpy", "torch", "matplotlib"):
        key.update(f"{package} {metadata.version(package)}".encode())
    package = root / "rnn_book"
    labs = [path.read_text("utf-8") for path in root.glob("docs/labs/*.py")]
    used = [f"{name}." for lab in labs for name in imported(lab)]
    for path in [root / "constraints.txt", *sorted(package.rglob("*"))]:
        module = ".".join([*path.relative_to(root).with_suffix("").parts, ""])
        # The package imports nothing of these by itself.
        is_apart = module.startswith(APART) and not any(name.startswith(module) for name in used)
        if path.is_file() and "__pycache__" not in path.parts and not is_apart:
            key.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return key.hexdigest()[:16]


def on_files(files, config):
    scripts = [f for f in files if f.src_uri.startswith("labs/") and f.src_uri.endswith(".py")]
    for script in scripts:
        files.remove(script)
        files.append(
            Lab(script.src_uri, script.src_dir, config.site_dir, config.use_directory_urls)
        )
    for script in scripts:
        download = _notebook(script)
        for cell in download.cells:
            if cell.cell_type == "markdown":
                cell.source = _absolute(cell.source, script, files, config)
        download.cells.insert(0, _what_to_install(config))
        uri = f"downloads/{Path(script.src_uri).stem}.ipynb"
        content = jupytext.writes(download, fmt="ipynb")
        files.append(File.generated(config, uri, content=content))
        _sizes[script.src_uri] = shown(len(content.encode()))
    _start(scripts, Path(config.config_file_path).parent)
    return files


def _what_to_install(config):
    """The first cell of a notebook, for whoever opens it elsewhere."""
    if repository := config.extra.get("repository"):
        where, command = "", f'"rnn-book[experiments] @ git+{repository}"'
    else:
        where, command = ", in a copy of the book's source", '".[experiments]"'
    text = (
        f"This notebook is a lab of the book *{config.site_name}*. It needs Python 3.11 or later "
        f"and the package of the book, with what its labs use. Install it{where} with\n\n"
        f"    python -m pip install {command}\n"
    )
    return nbformat.v4.new_markdown_cell(text, id="install")


def _notebook(script):
    return copy.deepcopy(_parsed(script.content_string))


@functools.cache
def _parsed(text: str):
    notebook = jupytext.reads(text, fmt="py:percent")
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"  # not by chance: a lab is the same file at every build
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return notebook


def _start(scripts, root: Path) -> None:
    """Execute labs in the background, each as soon as a core is free for it."""
    labs = root / ".cache" / "labs"
    folder = labs / _digest(root)
    for old in labs.glob("*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _runs.clear()
    _runs.update({script.src_uri: Future() for script in scripts})
    pairs = [(script, _runs[script.src_uri]) for script in scripts]
    threading.Thread(target=lambda: asyncio.run(_execute(pairs, root, folder)), daemon=True).start()


async def _execute(pairs, root: Path, folder: Path) -> None:
    free = asyncio.Semaphore(os.cpu_count() or 1)
    # A quick check names the labs to run; the others are shown without outputs.
    named = os.environ.get("RUN_LABS")
    variables = os.environ | VARIABLES
    waiting = []
    for script, run in pairs:
        kept = folder / f"{hashlib.sha256(script.content_bytes).hexdigest()[:16]}.ipynb"
        # What an interruption has left of a notebook is run anew.
        with contextlib.suppress(Exception):
            run.set_result(nbformat.read(kept, as_version=4))
            continue
        if named is not None and script.name not in named.split():
            run.set_result(_notebook(script))
        else:
            waiting.append((script, run, kept))
    if not waiting:
        return

    modules = kernels.shared(script.content_string for script, _, _ in waiting)
    warm = kernels.Warm(modules, root, variables)

    async def one(script, run: Future, kept: Path) -> None:
        try:
            notebook = _notebook(script)
            async with free:
                client = NotebookClient(
                    notebook,
                    kernel_name=kernels.NAME,
                    timeout=SECONDS,
                    startup_timeout=SECONDS,
                )
                await client.async_execute(**warm.options)
            write_whole(kept, nbformat.writes(notebook))
            run.set_result(notebook)
        except Exception as error:
            run.set_exception(error)

    await asyncio.gather(*(one(*lab) for lab in waiting))
    warm.close()


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


def on_page_read_source(page, config):
    if not isinstance(page.file, Lab):
        return None
    try:
        notebook = _runs[page.file.src_uri].result()
    except Exception as error:
        reason = ANSI.sub("", str(error)).strip()
        raise PluginError(f"{page.file.src_uri}: the lab fails:\n{reason}") from None
    return "\n\n".join(_cells(page.file, notebook, _sizes[page.file.src_uri]))


def _cells(file, notebook, size):
    name = Path(file.src_uri).stem + ".ipynb"
    download = (
        f"[:material-download: Download as a notebook](../downloads/{name})"
        f"{{ .lab-download download={name} }} ({size})\n{{: .lab-offer }}"
    )
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            # The download stands below the title, which the first cell begins with.
            head, _, rest = cell.source.partition("\n")
            is_title = bool(download) and head.startswith("# ")
            yield f"{head}\n\n{download}\n\n{rest}" if is_title else cell.source
            download = "" if is_title else download
        elif cell.cell_type == "code":
            yield _fence(".python .lab-code", cell.source)
            for kind, group in groupby(cell.outputs, key=lambda output: output.output_type):
                same = list(group)
                yield from _stream(same) if kind == "stream" else _results(same, cell, file)


def _stream(outputs):
    """What a terminal would show in the end: a line may be overwritten."""
    text = ANSI.sub("", "".join(output.text for output in outputs))
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    yield _fence(".text .lab-output .no-copy", "\n".join(lines).strip("\n"))


def _results(outputs, cell, file):
    for output in outputs:
        if svg := output.data.get("image/svg+xml"):
            if "alt" not in cell.metadata:
                log.warning(
                    '%s: a plot has no alt text; begin its cell: # %%%% alt="..."', file.src_uri
                )
            data = base64.b64encode(_in_both_themes(svg).encode()).decode()
            alt = html.escape(cell.metadata.get("alt", ""))
            yield f'<div class="lab-plot"><img alt="{alt}" src="{SVG}{data}"></div>'
        elif table := output.data.get("text/html"):
            yield f"<div>{table}</div>"
        else:
            text = ANSI.sub("", output.data["text/plain"]).strip("\n")
            yield _fence(".text .lab-output .no-copy", text)


def _in_both_themes(svg: str) -> str:
    """Let a plot that knows one theme follow the page's: what is light becomes dark."""
    if "prefers-color-scheme" in svg:
        return svg
    pairs = [(colour(name, "light"), colour(name, "dark")) for name in (*QUANTITIES, *LIGHT)]
    pairs += [(style.light, style.dark) for style in CONTENDERS]
    # Matplotlib's own ink, and the frame of its legends.
    pairs += [("#000000", colour("ink", "dark")), ("#cccccc", colour("edge", "dark"))]
    rules = [
        f'[style*="{what}: {light}"] {{ {what}: {dark} !important }}'
        for light, dark in dict(pairs).items()
        for what in ("fill", "stroke")
    ]
    rules.append(f"svg {{ fill: {colour('ink', 'dark')} }}")  # letters have no colour of their own
    # Of a heat map the lightness is turned round, and the hue stays: its middle is the page's.
    rules.append("image { filter: invert(1) hue-rotate(180deg) }")
    style = "<style>@media (prefers-color-scheme: dark) { " + " ".join(rules) + " }</style>"
    return re.sub(r"<svg\b[^>]*>", lambda tag: tag[0] + style, svg, count=1)


def _fence(classes: str, code: str) -> str:
    return f"````{{ {classes} }}\n{code}\n````"
