"""The style sheet inside each figure: fonts, and the colours used, in both themes."""

from __future__ import annotations

from collections.abc import Iterable

from rnn_book.experiments.palette import QUANTITIES, colour

SANS = '"Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
SERIF = '"STIX Two Text", "Times New Roman", Times, "Liberation Serif", serif'


def style_sheet(used: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines of CSS for the colours used, given as pairs (property, colour name).

    Every colour is a plain rule, not a custom property: some renderers of SVG know no ``var()``.
    """
    pairs = sorted(used)

    def rules(theme: str) -> list[str]:
        return [f".{kind[0]}-{name}{{{kind}:{colour(name, theme)}}}" for kind, name in pairs]

    return [
        f".w{{font-family:{SANS}}}",
        ".b{font-weight:600}",
        f".m{{font-family:{SERIF}}}",
        ".v{font-style:italic}",
        ".none{fill:none}",
        "path,rect,circle{stroke-linecap:round;stroke-linejoin:round}",
        *rules("light"),
        "@media (prefers-color-scheme: dark) {",
        *(f"  {rule}" for rule in rules("dark")),
        "}",
    ]


def css_variables(theme: str) -> str:
    """Return the palette as CSS custom properties (``--rnn-f: #a00f18;`` ...), one a line."""
    lines = []
    for name in QUANTITIES:
        lines.append(f"--rnn-{name}: {colour(name, theme)};")
        lines.append(f"--rnn-{name}-tint: {colour(name + '-tint', theme)};")
    return "\n".join(lines)
