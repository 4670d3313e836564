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

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")


def pages_of(pdf: Path) -> dict[str, int]:
    """Return the page that each heading of the outline stands on, counted from 1."""
    from pypdf import PdfReader
    from pypdf.generic import Destination

    reader = PdfReader(pdf)
    found: dict[str, int] = {}

    def walk(items: list) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
            elif isinstance(item, Destination):
                number = reader.get_destination_page_number(item)
                if number is not None:
                    found.setdefault(plain(str(item.title)), number + 1)

    walk(reader.outline)
    return found


def plain(text: str) -> str:
    return " ".join(html.unescape(text).replace("¶", " ").split())


def numbered(page: str, numbers: dict[str, int]) -> str:
    """Fill in the numbers of the pages behind the entries of the contents."""
    return re.sub(
        r'(data-title="([^"]*)"[^>]*>)[^<]*(</span>)',
        lambda entry: f"{entry[1]}{numbers.get(plain(entry[2]), '')}{entry[3]}",
        page,
    )


def print_book(page: Path, to: Path) -> None:
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SystemExit(
            f"Error: for the PDF Chromium or Chrome is needed ({', '.join(BROWSERS)})."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        shown = browser.new_page()
        for _ in range(2):
            shown.goto(page.as_uri(), timeout=0)
            shown.pdf(path=to, prefer_css_page_size=True, outline=True, tagged=True)
            text = page.read_text(encoding="utf-8")
            page.write_text(numbered(text, pages_of(to)), encoding="utf-8")
        browser.close()


if __name__ == "__main__":
    print_book(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
