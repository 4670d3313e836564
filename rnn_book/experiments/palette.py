"""One colour for each gate and quantity, in the light and the dark theme.

Diagrams, plots and the site's style sheet all take their colours from here. They were searched
for by computer: every pair that shares a cell stays apart for readers with deuteranopia and
protanopia, and every colour is dark (or light) enough to be used for text. Colour never stands
alone: each quantity also has a letter, and in plots a dash pattern and a marker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Quantity:
    """How one gate or state is written, named and coloured.

    Attributes
    ----------
    symbol : str
        The letter used in equations and code.
    words : str
        The name in words.
    light, dark : str
        Hexadecimal colour in each theme.
    dash : tuple of int
        Dash pattern of a line in a plot (lengths on and off, in line widths); empty is solid.
    marker : str
        Matplotlib marker.
    """

    symbol: str
    words: str
    light: str
    dark: str
    dash: tuple[int, ...]
    marker: str


QUANTITIES: dict[str, Quantity] = {
    "i": Quantity("i", "input gate", "#1769d6", "#1a99fb", (6, 2), "s"),
    "f": Quantity("f", "forget gate", "#a00f18", "#ff7a5c", (), "o"),
    "g": Quantity("g", "input node", "#0a7e52", "#55d08f", (2, 2), "^"),
    "o": Quantity("o", "output gate", "#631ea0", "#d3a6ff", (6, 2, 2, 2), "D"),
    "c": Quantity("c", "cell state", "#9a6400", "#f3c14b", (), "P"),
    "h": Quantity("h", "hidden state", "#b01580", "#ff6fb8", (9, 2), "v"),
    "x": Quantity("x", "input", "#40424c", "#d8d9e2", (1, 2), "."),
    "r": Quantity("r", "reset gate", "#a13a00", "#ff9a4d", (), "o"),
    "z": Quantity("z", "update gate", "#0079a1", "#34c3dc", (6, 2, 2, 2), "D"),
    # The GRU's candidate plays the part of the LSTM's input node, and shares its colour.
    "n": Quantity("n", "candidate", "#0a7e52", "#55d08f", (2, 2), "^"),
}


class Style(NamedTuple):
    """How one line or group of points is drawn; colour never stands alone."""

    light: str
    dark: str
    dash: tuple[float, ...]
    marker: str


CONTENDERS: tuple[Style, ...] = (
    Style("#2456c7", "#8fb4ff", (), "o"),
    Style("#c04a0d", "#ffa06b", (6, 2), "s"),
    Style("#1b7a3d", "#6fd99b", (2, 2), "^"),
    Style("#7a22c9", "#cfa1ff", (6, 2, 2, 2), "D"),
    Style("#a80f5c", "#ff8fc0", (9, 2), "v"),
    Style("#0b6f84", "#5cd0e7", (1, 1.5), "P"),
    Style("#8a6200", "#e8c25b", (4, 1, 1, 1, 1, 1), "X"),
    Style("#4a4f5c", "#b6bdcc", (3, 1), "<"),
)
"""For nets and settings that are compared; gates and states have their own."""

#: Surfaces and inks that are no quantity.
LIGHT: dict[str, str] = {
    "background": "#ffffff",
    "panel": "#f4f6fa",
    "edge": "#c3cad8",
    "ink": "#1d2330",
    "soft": "#5a6478",
    "accent": "#2456c7",
    "dim": "#cbd1dd",
    "muted": "#697185",
}
DARK: dict[str, str] = {
    "background": "#1e2129",
    "panel": "#262b36",
    "edge": "#4a5368",
    "ink": "#eceff6",
    "soft": "#a9b2c6",
    "accent": "#8fb4ff",
    "dim": "#4b5367",
    "muted": "#9aa4ba",
}

#: Share of a quantity's colour in its tint, in percent, over the background.
TINT_LIGHT, TINT_DARK = 16, 30


def _mix(colour: str, base: str, percent: int) -> str:
    """Mix two hexadecimal colours in whole numbers, so that the result is the same everywhere."""
    channels = []
    for start in (1, 3, 5):
        top, bottom = int(colour[start : start + 2], 16), int(base[start : start + 2], 16)
        channels.append((top * percent + bottom * (100 - percent) + 50) // 100)
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def colour(name: str, theme: str) -> str:
    """Return a colour by name.

    Parameters
    ----------
    name : str
        A quantity ("f"), a surface or ink ("panel", "soft", ...), or the tint of one ("f-tint").
    theme : {"light", "dark"}

    Returns
    -------
    str
        Hexadecimal colour.

    Raises
    ------
    KeyError
        If there is no colour of that name.
    """
    inks = LIGHT if theme == "light" else DARK
    if name in inks:
        return inks[name]
    base, _, suffix = name.partition("-")
    if base in inks:
        full = inks[base]
    else:
        full = QUANTITIES[base].light if theme == "light" else QUANTITIES[base].dark
    if not suffix:
        return full
    if suffix != "tint":
        raise KeyError(name)
    return _mix(full, inks["background"], TINT_LIGHT if theme == "light" else TINT_DARK)
