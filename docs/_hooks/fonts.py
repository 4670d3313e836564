"""Fonts cut down to what the book shows, and all styles in one sheet.

A page's text needs about 160 of the thousands of characters and one third of the weights that its
fonts hold, and cutting them down halves what the first page loads. What is shown is known when the
last page is built, so this comes last: it reads the pages' characters, cuts the fonts, joins the
sheets, and gives all of them names that know their content, so that a browser may keep them.
"""

from __future__ import annotations

import hashlib
import html
import io
import posixpath
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from mkdocs.utils import get_relative_url

from rnn_book.records import write_whole

# Kept whether a page shows them or not: what a reader may type, and what most pages show. So the
# fonts seldom change, and an edited page is live at once.
ALWAYS = {chr(code) for code in range(0x20, 0x7F)} | set(
    "\u00a0\u200b\u2061\u2063°±µ¶·×ÇáäçèéëíóüýČčňšαβγδεθλμρστ –’“”†…′‾←→↵⏟▁ℓ∂∇∏∑−∝∞∣∥∼≈≤≥≪≫∈⊙⊤⋅⋯√"
)
# The sheets ask for nothing lighter than 400 and nothing bolder than 700.
WEIGHTS = (400, 700)
FEATURES = ["calt", "ccmp", "kern", "liga", "mark", "mkmk", "tnum"]

ENTITY = re.compile(r"&#?\w+;")

SHEET = "assets/style.css"
# Material marks the body whenever a page is opened, so a rule for all elements below the mark has
# the style of every element worked out twice.
SWITCHING = re.compile(r"(?:\[data-md-color-switching\] [^,{}]*,?)+\{[^}]*\}")
LINK = re.compile(r'\s*<link rel="stylesheet" href="(?P<address>[^"]+\.css)">')
ADDRESS = re.compile(r"url\(\s*[\"']?(?!data:|#)([^\"')]+)[\"']?\s*\)")
MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
FACE = re.compile(r"@font-face\s*\{[^}]*\}")
LATER = ' loading="lazy" decoding="async"'
ASKED = re.compile(r"\bassets/(style\.css|(?:katex/)?fonts/[\w-]+\.woff2)")
FONT = re.compile(r"url\(([^)]+\.woff2)\)")

_shown: set[str] = set()
_sheets: list[str] = []
_pages: list[Path] = []


def on_pre_build(config):
    for kept in (_shown, _sheets, _pages):
        kept.clear()


def on_post_template(output, template_name, config):
    return _take(output, template_name, config) if template_name.endswith(".html") else output


def on_post_page(output, page, config):
    return _take(output, page.file.dest_uri, config)


def _take(output: str, uri: str, config, *, late: bool = False) -> str:
    """Note what a page shows, and let it ask for one sheet instead of ten.

    A page that another hook has written at the end keeps the sheets that it has for itself, and
    waits for no image: it is made to be printed.
    """
    _shown.update(characters(output))
    _pages.append(Path(config.site_dir) / uri)
    # A page that is shown for an address unknown asks from the root of the site.
    base = "https://site/" + (f"{folder}/" if (folder := posixpath.dirname(uri)) else "")
    root = urlsplit(config.site_url or "").path or "/"
    first = True

    def join(link: re.Match) -> str:
        nonlocal first
        address = link["address"]
        if uri == "404.html" and address.startswith(root):
            address = address[len(root) :]
        sheet = urljoin(base, address).removeprefix("https://site/")
        if late and sheet not in _sheets:
            return link[0]
        if sheet not in _sheets:
            _sheets.append(sheet)
        tag = link[0].replace(link["address"], _to(uri, SHEET, root)) if first else ""
        first = False
        return tag

    return LINK.sub(join, output.replace(LATER, "") if late else output)


def _to(uri: str, target: str, root: str) -> str:
    if uri == "404.html":
        return root + target
    return get_relative_url(target, uri)


def characters(text: str) -> set[str]:
    """Return what a page or a script holds, written as such or by name; tags add nothing rare."""
    return set(text) | set(html.unescape(" ".join(set(ENTITY.findall(text))))) - set("\n\t\r")


def on_post_build(config):
    site = Path(config.site_dir)
    root = Path(config.config_file_path).parent
    for path in set(site.glob("*.html")) - set(_pages):
        text = _take(path.read_text(encoding="utf-8"), path.name, config, late=True)
        path.write_text(text, encoding="utf-8")
    shown = ALWAYS | _shown | _written(site, root)
    text = "\n".join(_sheet(site, name) for name in sorted(_sheets, key=_place))
    renamed: dict[str, str] = {}

    def keep(face: re.Match) -> str:
        if not (found := FONT.search(face[0])):
            return face[0]
        path = site / "assets" / found[1]
        content = cut(path.read_bytes(), shown, root / ".cache" / "fonts")
        if content is None:
            return ""
        name = _named(found[1], content)
        (site / "assets" / name).write_bytes(content)
        renamed[found[1]] = name
        return face[0].replace(found[1], name)

    text = FACE.sub(keep, text)
    for folder in ("fonts", "katex/fonts"):
        for path in (site / "assets" / folder).glob("*.woff2"):
            if path.relative_to(site / "assets").as_posix() not in renamed.values():
                path.unlink()
    if not _sheets:
        return
    content = text.encode()
    sheet = _named(posixpath.basename(SHEET), content)
    (site / "assets" / sheet).write_bytes(content)
    renamed[posixpath.basename(SHEET)] = sheet
    for path in _pages:
        page = path.read_text(encoding="utf-8")
        page = ASKED.sub(lambda name: f"assets/{renamed.get(name[1], name[1])}", page)
        path.write_text(page, encoding="utf-8")


def _written(site: Path, root: Path) -> set[str]:
    """Return what scripts may write into a page later: results of a search, outputs, hints."""
    scripts = [*site.glob("assets/*.js"), *site.glob("assets/run/*/*.js")]
    index = site.glob("search/search_index.json")
    found: set[str] = set()
    for path in [*scripts, *index, *(root / "tools" / "page").rglob("*.py")]:
        found |= characters(path.read_text(encoding="utf-8"))
    return found


def _place(sheet: str) -> int:
    """Say where a sheet stood on the pages; those of single pages come last, as they did there."""
    return _sheets.index(sheet) + (len(_sheets) if sheet.startswith("assets/run/") else 0)


def _sheet(site: Path, name: str) -> str:
    """Return a sheet whose addresses are relative to assets/, without comments."""
    text = (site / name).read_text(encoding="utf-8")
    text = MAP.sub("", text) if name.endswith(".min.css") else COMMENT.sub("", text)

    def move(match: re.Match) -> str:
        address = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[1]))
        return f"url({posixpath.relpath(address, 'assets')})"

    return ADDRESS.sub(move, SWITCHING.sub("", text)).strip()


def _named(name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}{dot}{ending}"


def cut(content: bytes, wanted: set[str], cache: Path) -> bytes | None:
    """Return a font with these characters and WEIGHTS alone, or None where it has none of them."""
    key = hashlib.sha256(Path(__file__).read_bytes() + content)
    key.update("".join(sorted(wanted)).encode())
    kept = cache / f"{key.hexdigest()[:24]}.woff2"
    if kept.is_file():
        return kept.read_bytes() or None
    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    codes = {ord(letter) for letter in wanted} & set(font.getBestCmap())
    out = b""
    # Accents that combine, and nothing else, are no use on their own.
    if any(not 0x300 <= code < 0x370 and code > 0x20 for code in codes):
        options = subset.Options(layout_features=FEATURES, hinting=False, notdef_outline=True)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=codes)
        subsetter.subset(font)
        if "fvar" in font:
            instancer.instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
        font.flavor = "woff2"
        file = io.BytesIO()
        font.save(file)
        out = file.getvalue()
    for old in sorted(cache.glob("*.woff2"), key=lambda path: path.stat().st_mtime)[:-200]:
        old.unlink(missing_ok=True)
    write_whole(kept, out)
    return out or None
