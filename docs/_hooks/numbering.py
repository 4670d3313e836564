r"""Number figures and equations, so that the text can refer to them.

`pymdownx.blocks.caption` counts the captions of a page. Here an equation with `\label{eq-a}` gets a
number, in the order of the page, and a link whose text is the bare word gets that word's number:
`[Figure](#fig-gate)`, `[Equation](gru-cell.md#eq-b)`. A link to what has no number fails the
build, strict or not.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from mkdocs.exceptions import PluginError

FIGURE = re.compile(r'<figure\b[^>]*\bid="(?P<id>[^"]+)"')
FORMULA = re.compile(r'<div class="arithmatex">.*?</div>', re.DOTALL)
LABEL = re.compile(r"\s*\\label\{(?P<id>[^}]*)\}")
NAME = re.compile(r"eq-[a-z0-9-]+")
LINK = re.compile(r'(?P<start><a href="(?P<target>[^"]*#[^"]+)">)(?P<word>Figure|Equation)</a>')

_numbers: dict[str, dict[str, str]] = {}  # of this build: a page's address -> id -> "Figure 3"


def on_pre_build(config):
    _numbers.clear()


def on_page_content(content, page, config, files):
    found = [match["id"] for match in FIGURE.finditer(content)]
    numbers = {name: f"Figure {number}" for number, name in enumerate(found, start=1)}
    if len(numbers) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise PluginError(f"{page.file.src_uri}: two figures have the id {twice}")
    count = 0

    def numbered(match: re.Match) -> str:
        nonlocal count
        labels = LABEL.findall(match[0])
        if not labels:
            return match[0]
        name = labels[0]
        if len(labels) > 1 or name in numbers or not NAME.fullmatch(name):
            raise PluginError(
                f"{page.file.src_uri}: the label {labels[-1]} is not the only one of its equation, "
                "stands twice, or is not written like eq-cell"
            )
        count += 1
        numbers[name] = f"Equation {count}"
        formula = LABEL.sub("", match[0])
        # Not KaTeX's own \tag, which lies on a formula that is as wide as the page.
        number = f'<span class="number" data-search-exclude>({count})</span>'
        return f'<div class="numbered" id="{name}">{formula}{number}</div>'

    content = FORMULA.sub(numbered, content)
    page.present_anchor_ids = (page.present_anchor_ids or set()) | numbers.keys()
    _numbers[f"/{page.url}"] = numbers
    return content


def on_env(env, config, files):
    """Fill in the numbers, once those of all pages are known."""
    for file in files.documentation_pages():
        if file.page and file.page.content:
            file.page.content = LINK.sub(
                lambda link, page=file.page: _named(link, page), file.page.content
            )


def _named(link: re.Match, page) -> str:
    address, _, name = urljoin(f"/{page.url}", link["target"]).partition("#")
    if address not in _numbers:  # MkDocs says that there is no such page
        return link[0]
    text = _numbers[address].get(name, "")
    if not text.startswith(link["word"]):
        raise PluginError(
            f"{page.file.src_uri}: [{link['word']}]({link['target']}) refers to nothing: "
            f"there is no {link['word'].lower()} with that name"
        )
    return f"{link['start']}{text}</a>"
