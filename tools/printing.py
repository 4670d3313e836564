"""`python -m tools.printing PAGE PDF`: print the page that holds the whole book, with Chromium.

It is printed twice: from the first print come the numbers of the pages that the second one's
contents name.
"""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")


class Heading(NamedTuple):
    level: int
    title: str
    page: int  # counted from 1
    top: float  # from the foot of the page


def headings(pdf: Path) -> list[Heading]:
    """Return the headings of the outline."""
    from pypdf import PdfReader
    from pypdf.generic import Destination

    reader = PdfReader(pdf)
    found: list[Heading] = []

    def walk(items: list, level: int) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item, level + 1)
            elif isinstance(item, Destination):
                number = reader.get_destination_page_number(item)
                if number is not None:
                    top = float(item.top or 0)
                    found.append(Heading(level, plain(str(item.title)), number + 1, top))

    walk(reader.outline, 1)
    return found


def plain(text: str) -> str:
    return " ".join(html.unescape(text).replace("¶", " ").split())


def chapters(pdf: Path) -> list[int]:
    """Return the page that each chapter begins on: behind the cover and the contents."""
    return [one.page for one in headings(pdf) if one.level == 1][2:]


def numbered(page: str, numbers: list[int]) -> str:
    """Fill in the numbers of the pages behind the entries of the contents, which are in order."""
    entries = re.compile(r"(<span data-page>)[^<]*(</span>)")
    if len(entries.findall(page)) != len(numbers):
        raise SystemExit("Error: the printed book and its contents have different chapters.")
    left = iter(numbers)
    return entries.sub(lambda entry: f"{entry[1]}{next(left)}{entry[2]}", page)


def find_browser() -> str | None:
    """Return the path of the system's Chromium; Playwright's own browsers are not downloaded."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def print_book(page: Path, to: Path) -> None:
    from playwright.sync_api import sync_playwright

    program = find_browser()
    if program is None:
        raise SystemExit("Error: for the PDF Chromium or Chrome is needed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        shown = browser.new_page()
        for _ in range(2):
            shown.goto(page.as_uri(), timeout=0)
            shown.pdf(path=to, prefer_css_page_size=True, outline=True, tagged=True)
            text = page.read_text(encoding="utf-8")
            page.write_text(numbered(text, chapters(to)), encoding="utf-8")
        browser.close()


if __name__ == "__main__":
    print_book(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
