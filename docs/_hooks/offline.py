"""The build for the zip, which opens as files, and for the PDF: with OFFLINE=true.

Browsers start no worker from a file, so Material's search gets one that runs in a frame. Python
does not start from a file either; the buttons say so. And `print.html` holds the whole book on one
page, for the PDF: all chapters in the order of the navigation, with everything open and links
between them.
"""

from __future__ import annotations

import html
import os
import posixpath
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tools.downloads import PRINT

START = "index.html"
WORKER = "assets/iframe-worker.js"
REASON = "a page that is opened as a file cannot start Python; on a web server it can"
# Generated from the source, and better looked up than read.
LEFT_OUT = (
    "reference/numpy.md",
    "reference/torch.md",
    "reference/shared.md",
    "reference/projects.md",
)
NAMED = re.compile(r'\b(?P<name>id|for|name|aria-labelledby)="(?P<value>[^"]+)"')
ADDRESS = re.compile(r'\b(?P<name>href|src)="(?P<value>[^"]*)"')
DETAILS = re.compile(r"<details(?![^>]*\sopen)")
MARK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
BUTTON = re.compile(r'<div data-run-module="[^"]*"[^>]*></div>')
TAKEN = re.compile(
    r'<details class="downloads".*?</details>|<p>[^<]*<a class="lab-download".*?</p>', re.DOTALL
)
FACTS = re.compile(r'<p class="page-facts">(.*?)(?:<a\b.*?)?</p>', re.DOTALL)
ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)
HEAD = re.compile(r'<link rel="stylesheet"[^>]*>|<style>.*?</style>', re.DOTALL)

PRELOAD = re.compile(r'<link rel="preload"[^>]*>')

_pages: dict[str, str] = {}  # of this build: a page's address -> its article
_head: list[str] = []
_parts: list[tuple[str, list]] = []  # a title in the navigation, and its pages


def is_on() -> bool:
    return os.environ.get("OFFLINE") == "true"


def on_config(config):
    if is_on():
        config.extra["polyfills"] = [WORKER]
    return config


def on_pre_build(config):
    _pages.clear()
    _head.clear()


def on_post_page(output, page, config):
    if not is_on():
        return output
    output = PRELOAD.sub("", output)  # which a browser refuses to a file
    if article := ARTICLE.search(output):
        _pages[page.url] = article[1]
        if page.url == START:
            _head.extend(HEAD.findall(output))
    return output


def on_nav(nav, config, files):
    _parts[:] = [
        (section.title, [page for page in section.children if page.is_page])
        for section in nav.items
        if section.is_section
    ]


def on_post_build(config):
    if is_on():
        text = printed(config.site_name, _parts, _pages, _head, config.site_url)
        (Path(config.site_dir) / PRINT).write_text(text, encoding="utf-8")


def printed(name: str, parts: list, pages: dict[str, str], head: list[str], site: str) -> str:
    """Return the whole book as one page, with contents whose numbers are still empty."""
    chosen = [
        (title, [page for page in inside if page.file.src_uri not in LEFT_OUT])
        for title, inside in parts
    ]
    known = {page.url: _prefix(page.url) for _, inside in chosen for page in inside}
    contents, body = [], []
    for title, inside in chosen:
        contents.append(f'<div class="print-part">{html.escape(title)}</div>')
        for page in inside:
            article = _article(pages[page.url], page.url, known, site)
            contents.append(_entry(known[page.url], html.escape(page.title)))
            body.append(
                f'<article class="md-content__inner md-typeset print-page">{article}</article>'
            )
    return PAGE.format(
        name=html.escape(name),
        facts=next((found[1] for page in pages.values() if (found := FACTS.search(page))), ""),
        head="\n".join(head),
        contents="\n".join(contents),
        body="\n".join(body),
    )


def _entry(anchor: str, shown: str) -> str:
    return (
        f'<a href="#{anchor}"><span>{shown}</span>'
        '<span class="print-dots"></span><span data-page></span></a>'
    )


def _prefix(url: str) -> str:
    return re.sub(r"[^\w-]+", "-", url.removesuffix(".html")) or "index"


def _article(text: str, url: str, known: dict[str, str], site: str) -> str:
    """Return an article as a part of the one page: its names are unique, its links lead on.

    What is no part of that page is on the site, if that has an address.
    """
    prefix = known[url]
    for left_out in (MARK, TAKEN, BUTTON, FACTS):
        text = left_out.sub("", text)
    text = DETAILS.sub("<details open", text)

    def named(match: re.Match) -> str:
        return f'{match["name"]}="{prefix}--{match["value"]}"'

    def led(match: re.Match) -> str:
        value = html.unescape(match["value"])
        if urlsplit(value).scheme:
            return match[0]
        path, _, anchor = urljoin(f"/{url}", value).lstrip("/").partition("#")
        if match["name"] == "src":
            return f'src="{html.escape(posixpath.normpath(path))}"'
        if path in known:
            anchor = f"{known[path]}--{anchor}" if anchor else f"{known[path]}"
            return f'href="#{html.escape(anchor)}"'
        # The site's pages are folders, the files' are not.
        path = re.sub(r"\.html$", "/", re.sub(r"(^|/)index\.html$", r"\1", path))
        address = urljoin(site, f"{path}#{anchor}" if anchor else path)
        return f'href="{html.escape(address)}"' if site else ""

    text = ADDRESS.sub(led, NAMED.sub(named, text))
    return f'<a id="{prefix}"></a>{text}'


PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{name}</title>
{head}
<link rel="stylesheet" href="assets/print.css">
</head>
<body dir="ltr" class="print-book" data-md-color-scheme="default" data-md-color-primary="custom">
<section class="print-title">
<h1>{name}</h1>
<p>{facts}</p>
</section>
<nav class="print-contents md-typeset">
<h1>Contents</h1>
{contents}
</nav>
{body}
</body>
</html>
"""
