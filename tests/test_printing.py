"""On paper: pages as a reader prints them, from a dark screen (the book: test_downloads.py)."""

import pytest
from bs4 import BeautifulSoup

from tests.hooks import hook
from tests.paper import alone

PLANTED = """
<!doctype html><title>Book</title>
<style>@page { size: A5; margin: 20mm; @bottom-center { content: NUMBER } }</style>
<h1>First</h1><p>Text.</p><h2>With a text</h2><p>The text.</p>
<h2 style="break-after: page">A heading of <em>some</em> words, which goes on in the line below</h2>
<p>More.</p><h2>Last</h2><p>The end.</p>
"""


def test_each_tab_bears_its_name():
    tabs = """<div class="tabbed-set"><div class="tabbed-labels"><label for="a">NumPy</label>
    <label for="b"><em>PyTorch</em></label></div><div class="tabbed-content">
    <div class="tabbed-block"><p>1</p></div><div class="tabbed-block"><p>2</p></div></div></div>"""
    named = BeautifulSoup(hook("pages").told(2 * tabs), "html.parser").select(".tabbed-block")
    assert [tab["data-tab"] for tab in named] == ["NumPy", "PyTorch", "NumPy", "PyTorch"]


@pytest.mark.parametrize("number", ["counter(page)", "''"])
def test_a_heading_that_ends_a_page_is_found(browser, tmp_path, number):
    page = browser.new_page()
    page.set_content(PLANTED.replace("NUMBER", number))
    page.pdf(path=tmp_path / "one.pdf", prefer_css_page_size=True, outline=True, tagged=True)
    page.close()
    found = alone(tmp_path / "one.pdf", numbered=number == "counter(page)")
    assert len(found) == 1
    assert found[0].startswith("page 1: A heading of some words")


@pytest.mark.sweep
@pytest.mark.timeout(1800)
def test_no_heading_ends_a_page_that_a_reader_prints(browser, site, address, tmp_path):
    found = {}
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        for path in sorted(site.glob("*/**/index.html")):
            page.goto(address + path.relative_to(site).as_posix())
            page.pdf(path=tmp_path / "one.pdf", format="A4", outline=True, tagged=True)
            found[path.parent.name] = alone(tmp_path / "one.pdf", numbered=False)
    assert len(found) > 50
    assert not any(found.values()), found
