"""Measures of colour: contrast of text, and what a colour-blind reader sees.

Used by the tests to hold the palette to its promises.
"""

from __future__ import annotations

from typing import TypeAlias

Triple: TypeAlias = tuple[float, float, float]

#: Machado, Oliveira & Fernandes, "A physiologically-based model for simulation of color vision
#: deficiency",
#: IEEE TVCG 15(6), 2009: matrices for complete deficiency, applied to linear RGB.
VISION: dict[str, tuple[Triple, Triple, Triple]] = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}

_RGB_TO_XYZ: tuple[Triple, Triple, Triple] = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Triple = (0.95047, 1.0, 1.08883)


def _apply(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    rows = [sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix]
    return rows[0], rows[1], rows[2]


def linear_rgb(colour: str) -> Triple:
    """Return the linear red, green and blue in [0, 1] of a hexadecimal sRGB colour."""

    def channel(start: int) -> float:
        value = int(colour[start : start + 2], 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return channel(1), channel(3), channel(5)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    lights = sorted(_apply(_RGB_TO_XYZ, linear_rgb(colour))[1] for colour in (first, second))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def seen(colour: str, vision: str) -> Triple:
    """Return the CIELAB coordinates of a colour as seen with a vision (a key of ``VISION``)."""
    rgb = _apply(VISION[vision], linear_rgb(colour))
    red, green, blue = (min(max(v, 0.0), 1.0) for v in rgb)
    xyz = _apply(_RGB_TO_XYZ, (red, green, blue))

    def squash(value: float) -> float:
        return value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116

    x, y, z = (squash(v / w) for v, w in zip(xyz, _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(first: str, second: str, vision: str) -> float:
    """Return the CIE 1976 distance of two colours; about 2.3 is just noticeable."""
    pair = zip(seen(first, vision), seen(second, vision), strict=True)
    return sum((a - b) ** 2 for a, b in pair) ** 0.5
