"""What stands where on the pages of a PDF."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from pypdf import PageObject, PdfReader

from tools import printing


def lines(page: PageObject) -> list[tuple[float, str]]:
    """Return the lines of a page from its top, each with its height and without its spaces."""
    pieces = []

    def visit(text, outer, inner, font, size):
        if text.strip():
            height = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
            pieces.append((-round(height), "".join(text.split())))

    page.extract_text(visitor_text=visit)
    pieces.sort(key=lambda piece: piece[0])
    return [
        (-height, "".join(text for _, text in line))
        for height, line in groupby(pieces, lambda piece: piece[0])
    ]


def alone(pdf: Path, *, numbered: bool) -> list[str]:
    """Return the headings that end a page; at the foot of a numbered one is its number."""
    pages = PdfReader(pdf).pages
    shown: dict[int, list[tuple[float, str]]] = {}
    found = []
    for heading in printing.headings(pdf):
        number = heading.page
        if number not in shown:
            shown[number] = lines(pages[number - 1])
            if numbered and shown[number] and shown[number][-1][1] == str(number):
                shown[number].pop()
        below = [text for height, text in shown[number] if height < heading.top]
        title = "".join(heading.title.split())
        # It may take some lines, and a sign may stand before it.
        own = [k for k in range(1, len(below) + 1) if "".join(below[:k]).endswith(title)]
        assert own, f"page {number}: {heading.title} is not there"
        if own[0] == len(below):
            found.append(f"page {number}: {heading.title}")
    return found
