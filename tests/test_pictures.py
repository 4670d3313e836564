"""Plots beside snippets: drawn from the snippet's own run, complete, and committed as drawn."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.drawings import SVG
from tools.pictures import PICTURES, SNIPPETS, draw

pytestmark = pytest.mark.book
ROOT = Path(__file__).resolve().parents[1]
NUMBER = re.compile(r"-?\d+\.\d+")


# One test for each snippet: it takes its time, and is run once for all its plots.
OF_SNIPPET = {
    snippet: [name for name, (own, _) in PICTURES.items() if own == snippet]
    for snippet, _ in PICTURES.values()
}


def committed_plot(name):
    return (ROOT / "images" / f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("snippet", OF_SNIPPET)
def test_committed_plots_are_those_that_the_snippet_draws(snippet):
    for name in OF_SNIPPET[snippet]:
        compare(committed_plot(name), draw(name))


def compare(committed, drawn):
    assert NUMBER.sub("0", committed) == NUMBER.sub("0", drawn), "run `make figures`"
    # Another machine may round the last digit of a coordinate elsewhere, and no more than that.
    for kept, new in zip(NUMBER.findall(committed), NUMBER.findall(drawn), strict=True):
        assert abs(float(kept) - float(new)) < 0.05


@pytest.mark.parametrize("name", PICTURES)
def test_plot_says_what_it_shows(name):
    root = ET.fromstring(committed_plot(name))
    assert root.attrib["role"] == "img"
    assert len(root.findtext(f"{SVG}title")) > 10
    assert len(root.findtext(f"{SVG}desc")) > 60


def test_every_plot_stands_on_the_page_of_its_snippet():
    for name, (snippet, _) in PICTURES.items():
        assert (SNIPPETS / f"{snippet}_numpy.py").is_file()
        page = ROOT / "docs" / snippet.rpartition("/")[0]
        text = page.with_suffix(".md").read_text(encoding="utf-8")
        assert f"images/{name}.svg" in text
        assert f'"{snippet}_numpy.py"' in text
