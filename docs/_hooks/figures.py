"""How wide a drawing must be for its letters to be read: a phone's column may be too narrow.

In our own drawings letters are text; in Matplotlib's they are outlines, 100 units large.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from xml.etree import ElementTree

SMALLEST = 9  # px, the size of the smallest letter
NARROW = 300  # px, what the narrowest phones have for a figure, within a fold as well

SCALE = re.compile(r"scale\(([\d.]+)")
GLYPH = re.compile(r"#\w+-[0-9a-f]+")
SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"


def boxed(image: str, drawing: bytes) -> str:
    """Put an image that must not become too narrow into a box that scrolls where it has to."""
    least = least_width(drawing)
    if least <= NARROW:
        return image
    image = image.replace("<img", f'<img style="--least: {least}px"', 1)
    return f'<span class="figure-box">{image}</span>'


@functools.cache
def least_width(drawing: bytes) -> int:
    """Return the width in px at which the smallest letter has its size, 0 where there are none."""
    root = ElementTree.fromstring(drawing)
    sizes = letters(root)
    if not sizes:
        return 0
    width = float(root.attrib["viewBox"].split()[2])
    return math.ceil(width * SMALLEST / min(sizes))


def letters(root: ElementTree.Element) -> list[float]:
    """Return the sizes of all letters, in units of the drawing."""
    return list(_letters(root, 1, 0))


def _letters(element: ElementTree.Element, scale: float, size: float) -> Iterator[float]:
    scale *= math.prod(float(found) for found in SCALE.findall(element.get("transform", "")))
    size = float(element.get("font-size", size))
    if element.tag in (f"{SVG}text", f"{SVG}tspan") and (element.text or "").strip():
        yield scale * size
    elif element.tag == f"{SVG}use" and GLYPH.fullmatch(element.get(LINK, "")):
        yield scale * 100
    for child in element:
        yield from _letters(child, scale, size)
