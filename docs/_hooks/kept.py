"""What is unchanged is not made again: pages as HTML, their entries in the search, whole files.

A build keeps what it has made in `.cache/pages`, each thing under a key that holds all that went
into it. A page of Markdown is made of its text with the snippets that it includes, the options, the
addresses it may link to, the hooks and the installed packages; a page of the reference also of the
package's source. What is made with a warning is not kept, so that the next build warns again.

Stands last in the list of hooks, because it keeps what the hooks before it have made of a text.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import sys
import time
from functools import partial
from pathlib import Path

import markdown
from jinja2 import FileSystemBytecodeCache
from mkdocs.structure.toc import AnchorLink, TableOfContents

from rnn_book.records import write_whole

DAYS = 7  # what nobody has used for so long is thrown away
CODE = Path(__file__).resolve().parents[2]
REFERENCE = re.compile(r"^#* *::: ?([\w.]+)", re.MULTILINE)

_memory: dict[str, dict] = {}  # while pages are served, builds follow each other in one process
_site: dict[str, str] = {}  # of this build: digests of what goes into more than one page


def digest(*parts: object) -> str:
    """Return a short sum of things that JSON can hold; bytes count as they are."""
    sums = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        sums.update(hashlib.sha256(raw).digest())
    return sums.hexdigest()[:24]


def _programs() -> str:
    """A sum of the code that makes pages: what is installed, and our own modules as loaded."""
    installed = sorted(
        entry.name
        for folder in {*map(Path, sys.path)}
        if folder.is_dir()
        for entry in folder.glob("*.dist-info")
    )
    files = {getattr(module, "__file__", None) for module in [*sys.modules.values()]}
    own = sorted(
        path
        for path in (Path(file) for file in files if file)
        if path.is_relative_to(CODE) and "site-packages" not in path.parts and path.is_file()
    )
    scripts = sorted(Path(__file__).parent.glob("*.mjs"))
    return digest(sys.version, installed, *(path.read_bytes() for path in [*own, *scripts]))


def _tree(folder: Path, pattern: str) -> str:
    files = sorted(path for path in folder.rglob(pattern) if path.is_file())
    return digest(
        [path.relative_to(folder).as_posix() for path in files],
        *(path.read_bytes() for path in files),
    )


class Kept:
    """A folder of JSON files, each named by what it holds and by the sum of what it is made of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, kind: str, key: str) -> dict | None:
        """Return what is kept, or None; what an interruption has left of it is nothing."""
        name = f"{kind}-{key}"
        if name not in _memory:
            path = self.folder / f"{name}.json"
            with contextlib.suppress(OSError, ValueError):
                found = json.loads(path.read_text(encoding="utf-8"))
                if isinstance(found, dict):
                    _memory[name] = found
                    path.touch()  # in use
        return _memory.get(name)

    def put(self, kind: str, key: str, made: dict) -> None:
        name = f"{kind}-{key}"
        _memory[name] = made
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / f"{name}.json", json.dumps(made, ensure_ascii=False))

    def clear(self) -> None:
        for path in self.folder.glob("*.json"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - DAYS * 86400:
                    path.unlink()


class Warned(logging.Handler):
    """Counts what is said while something is made: it would not be said again."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1

    @contextlib.contextmanager
    def listening(self):
        logger = logging.getLogger("mkdocs")
        logger.addHandler(self)
        try:
            yield self
        finally:
            logger.removeHandler(self)


_kept = Kept(Path())


def on_pre_build(config):
    root = Path(config.config_file_path).parent
    _kept.folder = root / ".cache" / "pages"
    _site.clear()
    # Once: what is loaded stays as it is, whatever becomes of its file while pages are served.
    if "programs" not in _memory:
        _memory["programs"] = {"sum": _programs()}
    _site["options"] = digest(
        _memory["programs"]["sum"], _options(Path(config.config_file_path)), config.site_url
    )
    if (search := config.plugins.get("material/search")) and hasattr(search, "search_index"):
        index = search.search_index
        index.add_entry_from_context = partial(_index, index, index.add_entry_from_context)


def _options(path: Path) -> str:
    """A sum of a file of options, of what it adds to, and of the variables that it reads."""
    text = path.read_text(encoding="utf-8")
    inherited = re.search(r"^INHERIT: *(.+?) *$", text, re.MULTILINE)
    names = re.findall(r"\b[A-Z][A-Z_]+\b", " ".join(re.findall(r"!ENV.*", text)))
    variables = [[name, os.environ.get(name)] for name in names]
    return digest(text, variables, _options(path.parent / inherited[1]) if inherited else "")


# A page's Markdown


def on_page_markdown(text, page, config, files):
    page.render = partial(_render, page, page.render)
    return text


def _render(page, render, config, files) -> None:
    key = digest(*_made_of(page, config, files))
    made = _kept.get("text", key)
    if made is None:
        made = _rendered(page, render, config, files)
        if not made.pop("warned"):
            _kept.put("text", key, made)
        return
    page.content = made["content"]
    page.toc = TableOfContents([_anchor(item) for item in made["toc"]])
    page._title_from_render = made["title"]
    page.present_anchor_ids = set(made["anchors"])
    page.links_to_anchors = {
        files.get_file_from_path(uri): links for uri, links in made["links"].items()
    }
    for identifier, anchor, title, primary in made["targets"]:
        register = config.plugins["autorefs"].register_anchor
        register(page, identifier, anchor, title=title, primary=primary)
    if made["targets"]:
        handlers = config.plugins["mkdocstrings"].handlers
        # Its styles and its inventory are written.
        handlers.get_handler(handlers.get_handler_name({}))
        for item in made["inventory"]:
            handlers.inventory.register(**item)


def _made_of(page, config, files) -> list[object]:
    """List all that goes into a page's HTML."""
    text = page.markdown
    options = config.mdx_configs.get("pymdownx.snippets", {})
    includes = markdown.Markdown(
        extensions=["pymdownx.snippets"], extension_configs={"pymdownx.snippets": options}
    )
    lines = includes.preprocessors["snippet"].run(text.split("\n"))
    names = {name.partition(".")[0] for name in REFERENCE.findall("\n".join(lines))}
    for name in names - set(_site):
        _site[name] = _tree(Path(config.config_file_path).parent / name, "*.py")
    # Assets are named by their content, and hardly a page links to one.
    with_assets = "assets/" in "\n".join(lines)
    if (kind := f"files {with_assets}") not in _site:
        linked = [one for one in files if with_assets or not one.src_uri.startswith("assets/")]
        _site[kind] = digest(sorted([one.src_uri, one.url, one.inclusion.name] for one in linked))
    return [
        *(_site["options"], _site[kind], page.file.src_uri, page.file.url, lines),
        *([name, _site[name]] for name in sorted(names)),
    ]


def _rendered(page, render, config, files) -> dict:
    """Render a page, and write down what that registers elsewhere."""
    with Warned().listening() as warned, _noted(config) as (targets, items):
        render(config, files)
    return {
        "content": page.content,
        "toc": [_listed(item) for item in page.toc],
        "title": page._title_from_render,
        "anchors": sorted(page.present_anchor_ids),
        "links": {file.src_uri: links for file, links in (page.links_to_anchors or {}).items()},
        "targets": targets,
        "inventory": items,
        "warned": warned.count,
    }


@contextlib.contextmanager
def _noted(config):
    """Note what mkdocstrings registers: anchors for links by name, and items of the inventory."""
    targets, items = [], []
    if "mkdocstrings" not in config.plugins:
        yield targets, items
        return
    autorefs = config.plugins["autorefs"]
    inventory = config.plugins["mkdocstrings"].handlers.inventory
    register_anchor, register = autorefs.register_anchor, inventory.register

    def anchored(page, identifier, anchor=None, *, title=None, primary=True):
        targets.append([identifier, anchor, title, primary])
        register_anchor(page, identifier, anchor, title=title, primary=primary)

    def listed(**item):
        items.append(item)
        register(**item)

    autorefs.register_anchor, inventory.register = anchored, listed
    try:
        yield targets, items
    finally:
        del autorefs.register_anchor, inventory.register


def _listed(item: AnchorLink) -> list:
    return [item.title, item.id, item.level, [_listed(child) for child in item.children]]


def _anchor(item: list) -> AnchorLink:
    title, anchor, level, children = item
    made = AnchorLink(title, anchor, level)
    made.children = [_anchor(child) for child in children]
    return made


# Its entries in the search


def _index(index, add, page) -> None:
    toc = [_listed(item) for item in page.toc]
    meta = {name: page.meta.get(name) for name in ("title", "tags", "search")}
    try:
        key = digest(_site["options"], page.content, toc, meta, page.url, page.title)
    except TypeError:  # front matter that JSON does not know
        add(page)
        return
    made = _kept.get("search", key)
    if made is None:
        before = len(index.entries)
        add(page)
        _kept.put("search", key, {"entries": index.entries[before:]})
    else:
        index.entries += made["entries"]


# The file that it becomes


def on_env(env, config, files):
    pages = [file.page for file in files.documentation_pages() if file.page]
    named = [
        [page.url, page.title, {name: page.meta.get(name) for name in ("icon", "status", "hide")}]
        for page in pages
    ]
    folders = [Path(folder) for folder in config.theme.dirs]
    own = [_tree(folder, "*") for folder in folders if "site-packages" not in folder.parts]
    lists = [config.extra_css, [str(script) for script in config.extra_javascript]]
    extra = json.dumps(config.extra, sort_keys=True, default=repr)
    _site["whole"] = digest(_site["options"], named, own, lists, extra, config.copyright)
    templates = _kept.folder.with_name("templates")
    templates.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(templates))
    get_template = env.get_template

    def keeping(name, *arguments, **more):
        template = get_template(name, *arguments, **more)
        # With a second argument, another template asks for it.
        return Keeping(template) if name == "main.html" and not arguments else template

    env.get_template = keeping
    return env


class Keeping:
    """A template whose pages are kept."""

    def __init__(self, template) -> None:
        self.template = template

    def render(self, context) -> str:
        page = context["page"]
        try:
            key = digest(_site["whole"], _plain(page, context))
        except TypeError:
            return self.template.render(context)
        made = _kept.get("whole", key)
        if made is None:
            made = {"output": self.template.render(context)}
            _kept.put("whole", key, made)
        return made["output"]


# What of a page and of its template's context is a part of the site, and summed up with it.
SHARED = {"nav", "pages", "config", "page", "build_date_utc"}
ELSEWHERE = {"file", "parent", "children", "previous_page", "next_page", "toc", "render"}
NOT_SHOWN = {"present_anchor_ids", "links_to_anchors", "markdown"}


def _plain(page, context) -> list:
    """What a template can show of a page; `TypeError` where that is more than JSON can hold."""
    own = {name: value for name, value in vars(page).items() if name not in ELSEWHERE | NOT_SHOWN}
    around = [
        (other.url, other.title) if other else None
        for other in (page.previous_page, page.next_page)
    ]
    extra = {name: value for name, value in context.items() if name not in SHARED}
    extra["extra_javascript"] = [str(script) for script in extra["extra_javascript"]]
    toc = [_listed(item) for item in page.toc]
    above = [section.title for section in page.ancestors]
    return [own, around, above, toc, extra, page.title, page.file.src_uri, page.file.url]


def on_post_build(config):
    _kept.clear()
