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
    ends: dict[int, str] = {}
    found = []
    for _, title, number in printing.headings(pdf):
        if number not in ends:
            shown = lines(pages[number - 1])
            if numbered and shown and shown[-1][1] == str(number):
                shown.pop()
            ends[number] = "".join(text for _, text in shown[-3:])
        if ends[number].endswith("".join(title.split())):
            found.append(f"page {number}: {title}")
    return found
