"""What every page gets that its author need not think of.

The sizes of images, so that nothing moves when they arrive, and the width that their letters need;
fonts in time; a description; and names for what Material leaves without one, for readers who do not
see the page.
"""

from __future__ import annotations

import base64
import html
import posixpath
import re
import struct
from pathlib import Path
from urllib.parse import unquote

import figures
from mkdocs.utils import get_relative_url

IMAGE = re.compile(
    r'(?P<tag><img\b(?![^>]*\bwidth=)[^>]*\bsrc="(?P<source>[^"]+)"[^>]*?)(?P<end>\s*/?>)'
)
PNG = b"\x89PNG"
SVG = re.compile(rb"<svg\b[^>]*>", re.DOTALL)
LENGTH = re.compile(rb'\b(width|height)="([\d.]+)(pt|px)?"')
BOX = re.compile(rb'\bviewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"')
PIXELS = {b"pt": 4 / 3}
DATA = "data:image/svg+xml;base64,"
# In use on every page: text, and all that is not running text.
FONTS = (
    "fonts/source-serif-4-latin-wght-normal.woff2",
    "fonts/source-sans-3-latin-wght-normal.woff2",
)
# And where a formula is among the first lines.
FORMULA_FONTS = ("katex/fonts/KaTeX_Main-Regular.woff2", "katex/fonts/KaTeX_Math-Italic.woff2")

# A sentence or two, as search engines show it.
FIRST = re.compile(r"<p>(.*?)</p>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
LONGEST = 200

FETCHED = re.compile(r'<img\b[^>]*\bsrc="(?!data:)[^>]*>')
FIRST_SCREEN = 1500  # letters
# A corner of a table heads nothing.
EMPTY_HEAD = re.compile(r"<th\b([^>]*)>\s*</th>")

# Names and spaces of code, which look like what stands around them: a fifth of all elements.
PLAIN = re.compile(r'<span class="[nw]">([^<]*)</span>')
# A table whose head has five cells or more.
WIDE = re.compile(
    r"<table(?=[^>]*>\s*<thead>\s*<tr>(?:\s*<t[hd]\b[^>]*>(?:(?!</tr>).)*?){5})", re.DOTALL
)
TAB = re.compile(
    r'<div class="tabbed-labels">(?P<labels>.*?)</div>|<div class="tabbed-block"(?=>)', re.DOTALL
)
LABEL = re.compile(r"<label\b[^>]*>(.*?)</label>", re.DOTALL)

TWICE = re.compile(r"<title>(.+) - \1</title>")
CONTENTS = re.compile(r'(<nav class="md-nav(?: md-nav--secondary)?" aria-label="[^"]+)"')
NAMES = {
    'data-md-component="search" role="dialog"': 'aria-label="Search"',
    'class="md-dialog" data-md-component="dialog"': 'role="status"',  # it says "Copied"
}


def on_page_content(content, page, config, files):
    if not page.meta.get("description") and (found := FIRST.search(content)):
        words = " ".join(html.unescape(TAG.sub("", found[1])).split())
        if len(words) > LONGEST:
            words = words[:LONGEST].rpartition(" ")[0] + " …"
        page.meta["description"] = html.escape(words)
    content = EMPTY_HEAD.sub(r"<td\1></td>", content)
    return WIDE.sub("<table data-columns", PLAIN.sub(r"\1", content))


def size_of(content: bytes) -> tuple[int, int] | None:
    """Return width and height of an SVG or PNG in pixels, or None where it does not say."""
    if content.startswith(PNG):
        return struct.unpack(">II", content[16:24])
    if not (tag := SVG.search(content)):
        return None
    sides = {name: float(n) * PIXELS.get(unit, 1) for name, n, unit in LENGTH.findall(tag[0])}
    if len(sides) == 2:
        return round(sides[b"width"]), round(sides[b"height"])
    box = BOX.search(tag[0])
    return (round(float(box[1])), round(float(box[2]))) if box else None


def on_post_page(output, page, config):
    images = Path(config.config_file_path).parent / "images"

    def sized(match: re.Match) -> str:
        source = unquote(match["source"])
        if source.startswith(DATA):
            content = base64.b64decode(source.removeprefix(DATA))
        else:
            path = posixpath.normpath(posixpath.join(page.url, source))
            file = images / path.removeprefix("images/")
            if not path.startswith("images/") or not file.is_file():
                return match[0]
            content = file.read_bytes()
        if not (size := size_of(content)):
            return match[0]
        image = f'{match["tag"]} width="{size[0]}" height="{size[1]}"{match["end"]}'
        return image if content.startswith(PNG) else figures.boxed(image, content)

    first, formula, _ = output.partition("<article")[2].partition('class="formula"')
    is_early = bool(formula) and letters_in(first) < FIRST_SCREEN
    links = "".join(
        f'<link rel="preload" href="{get_relative_url(f"assets/{name}", page.url or ".")}"'
        ' as="font" type="font/woff2" crossorigin>'
        for name in FONTS + FORMULA_FONTS * is_early
    )
    output = TWICE.sub(r"<title>\1</title>", output)
    output = IMAGE.sub(sized, output).replace("</title>", f"</title>{links}", 1)
    return told(named(patient(output)))


def letters_in(text: str) -> int:
    return len(TAG.sub("", text))


def patient(output: str) -> str:
    """Let images below the first screen wait until the reader comes near them."""
    before, article, text = output.partition("<article")

    def later(image: re.Match) -> str:
        if letters_in(text[: image.start()]) < FIRST_SCREEN or "loading=" in image[0]:
            return image[0]
        return image[0].replace("<img", '<img loading="lazy" decoding="async"', 1)

    return before + article + FETCHED.sub(later, text)


def told(output: str) -> str:
    """Write its name on each tab's content: on paper it stands above it."""
    names: list[str] = []

    def name(match: re.Match) -> str:
        if match["labels"] is not None:
            names.extend(TAG.sub("", label) for label in LABEL.findall(match["labels"]))
            return match[0]
        return f'{match[0]} data-tab="{names.pop(0)}"'

    return TAB.sub(name, output)


def named(output: str) -> str:
    """Give names to what a screen reader lists: dialogs, and the two copies of the contents."""
    for tag, name in NAMES.items():
        output = output.replace(tag, f"{tag} {name}", 1)
    first, sidebar, rest = output.partition('<div class="md-sidebar md-sidebar--secondary"')
    return CONTENTS.sub(r'\1, below its page"', first) + sidebar + rest
