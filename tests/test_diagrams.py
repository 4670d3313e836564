"""The drawings: reproducible, complete, legible in both themes, and without overlaps."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnn_book.experiments.palette import QUANTITIES, colour
from tests.drawings import SVG, Drawing
from tools.diagrams import FIGURES, draw, gru_cell, paths
from tools.diagrams.__main__ import main
from tools.diagrams.colour import VISION, contrast, distance
from tools.diagrams.style import css_variables
from tools.diagrams.svg import Figure
from tools.diagrams.text import number, typeset

ROOT = Path(__file__).resolve().parents[1]
#: Quantities that one figure shows together, and that must therefore be told apart.
TOGETHER = ("ifgochx", "rznhx")
#: Surfaces that text may stand on, and inks that it may be written with, besides the quantities'
#: own colours.
SURFACES = ("background", "panel")
INKS = ("ink", "soft", "accent", "muted")
#: A phone of 390 px leaves 358 px for a figure.
PHONE = 358

every_figure = pytest.mark.parametrize("name", list(FIGURES))
every_theme = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture
def drawing(name):
    return Drawing(draw(name))


def test_committed_files_equal_the_drawings_whatever_the_hash_seed():
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-m", "tools.diagrams", "--check"]
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_check_finds_a_changed_and_a_missing_file(tmp_path, capsys):
    names = ["cover", "lstm/unfolded"]
    assert main([*names, "--into", str(tmp_path)]) == 0
    assert main([*names, "--into", str(tmp_path), "--check"]) == 0
    (tmp_path / "cover.svg").write_bytes(b"<svg/>")
    (tmp_path / "lstm/unfolded.svg").unlink()
    assert main([*names, "--into", str(tmp_path), "--check"]) == 1
    errors = capsys.readouterr().err
    assert "cover.svg" in errors
    assert "lstm/unfolded.svg" in errors


def test_an_unknown_figure_is_an_error(capsys):
    with pytest.raises(SystemExit):
        main(["lstm/none"])
    assert "no figure 'lstm/none'" in capsys.readouterr().err


@every_figure
def test_figure_is_complete_and_needs_nothing_from_elsewhere(name, drawing):
    root = drawing.root
    assert FIGURES[name]().name == name
    assert root.attrib["role"] == "img"
    assert len(root.findtext(f"{SVG}title")) > 5
    assert len(root.findtext(f"{SVG}desc")) > 40
    labels = root.attrib["aria-labelledby"].split()
    assert labels == [root.find(f"{SVG}{tag}").attrib["id"] for tag in ("title", "desc")]
    assert drawing.shapes[0].background
    assert drawing.shapes[0].box.bottom == drawing.height
    assert set(drawing.colours["light"]) == set(drawing.colours["dark"])
    source = draw(name)
    for forbidden in ("href", "url(", "@import", "<script", "<foreignObject", "<image"):
        assert forbidden not in source
    assert source.count("http") == 1, "the namespace is the only address"


@every_figure
def test_text_is_readable_on_a_phone(name, drawing):
    for text in drawing.texts:
        for size, _ in text.runs:
            assert size * PHONE / drawing.width >= 10.8, text.content


@every_figure
def test_text_stays_inside(name, drawing):
    for text in drawing.texts:
        assert text.box.left >= 3, text.content
        assert text.box.top >= 3, text.content
        assert text.box.right <= drawing.width - 3, text.content
        assert text.box.bottom <= drawing.height - 3, text.content
        surface = drawing.surface(text)
        assert text.box.width <= surface.box.width, text.content


@every_figure
def test_no_two_labels_overlap(name, drawing):
    for first, second in itertools.combinations(drawing.texts, 2):
        assert not first.box.overlaps(second.box), (first.content, second.content)


@every_figure
def test_no_wire_runs_through_a_label(name, drawing):
    for text in drawing.texts:
        surface = drawing.surface(text)
        for wire in drawing.wires:
            hidden = wire.order < surface.order
            crossed = any(text.box.overlaps(box, slack=0.5) for box in wire.boxes)
            assert hidden or not crossed, text.content


@every_theme
@every_figure
def test_text_has_contrast(name, drawing, theme):
    colours = drawing.colours[theme]
    for text in drawing.texts:
        surface = colours[drawing.surface(text).fill]
        for _, ink in text.runs:
            assert contrast(colours[ink], surface) >= 4.5, (text.content, ink)


@every_theme
def test_every_colour_can_be_used_for_text(theme):
    for surface in SURFACES:
        for ink in (*INKS, *QUANTITIES):
            assert contrast(colour(ink, theme), colour(surface, theme)) >= 4.5, (ink, surface)
    for name in QUANTITIES:
        assert contrast(colour("ink", theme), colour(f"{name}-tint", theme)) >= 4.5, name


@every_theme
@pytest.mark.parametrize("vision", list(VISION))
@pytest.mark.parametrize("letters", TOGETHER)
def test_colours_are_told_apart(letters, vision, theme):
    least = 30 if vision == "normal" else 15
    for first, second in itertools.combinations(letters, 2):
        apart = distance(colour(first, theme), colour(second, theme), vision)
        assert apart >= least, (first, second, apart)


@every_theme
def test_style_sheet_names_every_quantity(theme):
    written = css_variables(theme)
    for name in QUANTITIES:
        assert f"--rnn-{name}: {colour(name, theme)};" in written


@pytest.mark.parametrize("letters", TOGETHER)
def test_quantities_differ_by_more_than_colour(letters):
    styles = [(QUANTITIES[letter].dash, QUANTITIES[letter].marker) for letter in letters]
    assert len(set(styles)) == len(letters)


@pytest.mark.parametrize(
    "figure, path, gates, whole",
    [
        ("lstm/forget-gate", paths.PATHS["forget"], "f", "lstm/memory-cell"),
        ("lstm/input-gate", paths.PATHS["input"], "ig", "lstm/memory-cell"),
        ("lstm/output-gate", paths.PATHS["output"], "o", "lstm/memory-cell"),
        ("lstm/hidden-units", paths.PATHS["hidden"], "", "lstm/memory-cell"),
        ("gru/reset-gate", gru_cell.PATHS["reset"], "r", "gru/cell"),
        ("gru/update-gate", gru_cell.PATHS["update"], "z", "gru/cell"),
        ("gru/candidate", gru_cell.PATHS["candidate"], "", "gru/cell"),
    ],
)
def test_highlight_brings_forward_exactly_the_path(figure, path, gates, whole):
    parts = Drawing(draw(figure)).parts
    assert all(len(states) == 1 for states in parts.values())
    emphasised = {part for part, states in parts.items() if states == {"on"}}
    assert emphasised == path
    assert {part[-1] for part in emphasised if part.startswith("gate_")} == set(gates)
    # The rest is there still, in grey: together they are the whole cell.
    assert set(parts) == set(Drawing(draw(whole)).parts) - {"legend"}


@pytest.mark.parametrize(
    "figure, path, absent",
    [
        ("lstm/peephole", "peepholes", set()),
        ("lstm/coupled", "coupled", {"gate_i", "bus_i", "stub_i"}),
        ("lstm/no-forget-gate", "no-forget-gate", {"gate_f", "out_f", "times_f", "c_kept"}),
    ],
)
def test_a_variant_shows_what_it_changes(figure, path, absent):
    parts = Drawing(draw(figure)).parts
    emphasised = {part for part, states in parts.items() if states == {"on"}}
    assert emphasised == paths.PATHS[path]
    assert absent <= set(Drawing(draw("lstm/memory-cell")).parts) - set(parts)


def _rows(drawing, left, top):
    """The fills of a panel of masks, row by row."""
    tiles = [s for s in drawing.shapes if s.box.left >= left and s.box.right <= left + 250]
    tiles = [s for s in tiles if top <= s.box.top < top + 110]
    rows = {}
    for tile in sorted(tiles, key=lambda tile: tile.box.left):
        rows.setdefault(tile.box.top, []).append(tile.fill)
    return [rows[y] for y in sorted(rows)]


def test_masks_over_time_are_what_each_kind_does():
    drawing = Drawing(draw("improvements/masks"))
    between, state = _rows(drawing, 22, 52), _rows(drawing, 304, 52)
    update, zoneout = _rows(drawing, 22, 258), _rows(drawing, 304, 258)
    weights = _rows(drawing, 22, 464)
    for rows in (between, update):
        assert any(len(set(row)) == 2 for row in rows)
        assert len({tuple(column) for column in zip(*rows, strict=True)}) > 5
    # One draw for a whole sequence: a unit is dropped at all steps or at none.
    assert all(len(set(row)) == 1 for row in state)
    assert len({row[0] for row in state}) == 2
    # Zoneout drops nothing, it lengthens.
    assert {fill for row in zoneout for fill in row} == {"f-c"}
    assert {len(row) for row in zoneout} != {11}
    assert all(row[:5] == row[5:] for row in weights)


def test_grey_parts_have_no_colour_of_a_gate():
    figure = Figure("x", 100, 100, "t", "d")
    with figure.part("p", on=False):
        figure.rect(10, 10, 50, 50, fill="f-tint", stroke="f")
        figure.math(30, 30, "f_t", fill="f")
    used = Drawing(figure.render()).colours["light"]
    assert set(used) == {"f-background", "f-panel", "s-dim", "f-muted"}


@pytest.mark.parametrize(
    "value, written",
    [(3, "3"), (-0.04, "0"), (2.25, "2.2"), (0.1 + 0.2, "0.3"), (-1.5, "-1.5"), (1e3, "1000")],
)
def test_numbers_are_short_and_without_minus_zero(value, written):
    assert number(value) == written


def test_mathematics_is_set_as_in_print():
    runs = [(run.text, run.italic, run.level) for run in typeset("h_{t-1} * tanh(c_t)")]
    assert runs == [
        ("h", True, 0),
        ("t", True, -1),
        ("−1", False, -1),
        (" ⊙ ", False, 0),
        ("tanh", False, 0),
        ("(", False, 0),
        ("c", True, 0),
        ("t", True, -1),
        (")", False, 0),
    ]
