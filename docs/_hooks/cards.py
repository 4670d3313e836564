"""The picture that stands beside a link to a page elsewhere, and the icon on a phone's screen.

Both are drawn here, with Pillow and the book's own fonts: 1200 by 630 pixels with the page's title,
its part, and the cell that it is about. A drawn card is kept in .cache/cards.
"""

from __future__ import annotations

import functools
import hashlib
import io
from pathlib import Path

import node
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from rnn_book.experiments.palette import colour
from rnn_book.records import write_whole

WIDTH, HEIGHT = 1200, 630
SCALE = 2  # drawn larger, for smooth edges
MARGIN = 84
INK, SOFT, PAPER, EDGE = "#1d2330", "#5a6478", "#ffffff", "#dfe3ec"
ACCENT = "#2456c7"
SERIF, SANS = "source-serif-4", "source-sans-3"

LSTM, GRU = "figo", "rzn"


def card(title: str, part: str, site: str, cache: Path) -> bytes:
    """Return the card of a page as a PNG."""
    words = "\0".join((title, part, site))
    key = hashlib.sha256(Path(__file__).read_bytes() + words.encode()).hexdigest()[:24]
    kept = cache / f"{key}.png"
    if kept.is_file():
        return kept.read_bytes()
    content = _draw(title, part, site)
    write_whole(kept, content)
    return content


def _draw(title: str, part: str, site: str) -> bytes:
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
    pen = ImageDraw.Draw(image)
    _write(pen, (MARGIN, 66), part, SANS, 30, 600, ACCENT)
    size, lines = _fitted(title)
    y = 128
    for line in lines:
        _write(pen, (MARGIN - 2, y), line, SERIF, size, 600, INK)
        y += round(size * 1.16)
    _cell(pen, GRU if "GRU" in part else LSTM)
    _write(pen, (MARGIN, HEIGHT - 72), site, SANS, 27, 400, SOFT)
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return _png(small.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE))


def _fitted(title: str) -> tuple[int, list[str]]:
    """Return the largest size at which a title takes two lines, or else a small one; and these."""
    room = (WIDTH - 2 * MARGIN) * SCALE
    for size in (92, 84, 76, 68, 60):
        font = _font(SERIF, size, 600)
        lines: list[str] = []
        for word in title.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and font.getlength(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        if len(lines) <= 2:
            break
    return size, lines


def _cell(pen: ImageDraw.ImageDraw, gates: str) -> None:
    """Draw the state's line with the gates that act on it, each with its letter."""
    state, top, low, half = ("h" if gates == GRU else "c"), 402, 462, 27
    line = colour(state, "light")
    pen.line(_scaled(MARGIN, top, WIDTH - MARGIN - 16, top), fill=line, width=6 * SCALE)
    tip = WIDTH - MARGIN
    arrow = [(tip, top), (tip - 26, top - 15), (tip - 26, top + 15)]
    pen.polygon([(x * SCALE, y * SCALE) for x, y in arrow], fill=line)
    step = (WIDTH - 2 * MARGIN) / (len(gates) + 0.4)
    for number, letter in enumerate(gates):
        x = MARGIN + step * (number + 0.5)
        shade = colour(letter, "light")
        pen.line(_scaled(x, top, x, low), fill=shade, width=4 * SCALE)
        pen.ellipse(_scaled(x - 11, top - 11, x + 11, top + 11), PAPER, shade, 4 * SCALE)
        box = _scaled(x - half, low, x + half, low + 2 * half)
        pen.rounded_rectangle(box, 10 * SCALE, shade)
        pen.text(
            (x * SCALE, (low + half) * SCALE), letter, PAPER, _font(SERIF, 38, 600), anchor="mm"
        )


def _scaled(*numbers: float) -> list[float]:
    return [number * SCALE for number in numbers]


def _write(pen, place, text, family, size, weight, fill) -> None:
    x, y = place
    pen.text((x * SCALE, y * SCALE), text, fill, _font(family, size, weight), anchor="la")


@functools.cache
def _font(family: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(io.BytesIO(_opened(family)), size * SCALE)
    font.set_variation_by_axes([weight])
    return font


@functools.cache
def _opened(family: str) -> bytes:
    """Return a font as FreeType reads it, without the web's compression."""
    folder = node.install() / "@fontsource-variable" / family / "files"
    font = TTFont(folder / f"{family}-latin-wght-normal.woff2")
    font.flavor = None
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def icon() -> bytes:
    """Return assets/logo.svg as a phone shows it: 180 pixels, on paper."""
    unit, edge = 4 * 180 / 24 * 0.8, 4 * 180 * 0.1
    image = Image.new("RGB", (4 * 180, 4 * 180), PAPER)
    pen = ImageDraw.Draw(image)
    blue, width = "#4f78e0", round(1.5 * unit)

    def at(*numbers: float) -> list[float]:
        return [edge + number * unit for number in numbers]

    pen.rounded_rectangle(at(1.75, 3, 22.25, 15), 4 * unit, None, blue, width)  # the way back
    pen.line(at(12, 23, 12, 6.5), blue, width)
    pen.rounded_rectangle(at(7, 9.5, 17, 19), 3 * unit, PAPER, blue, width)
    pen.polygon(at(3.4, 11.2, 3.4, 17.2, 7.2, 14.2), blue)
    return _png(image.resize((180, 180), Image.Resampling.LANCZOS).quantize(32))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
