"""Every page in a browser: both themes, wide and narrow, and nothing from elsewhere."""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests import browser as chromium
from tests import markdown, snippet_rules

ROOT = Path(__file__).resolve().parent.parent
THEMES = {"light": "default", "dark": "slate"}
WIDTHS = (1280, 390)
LOOKS = Path(__file__).with_name("browser.js").read_text(encoding="utf-8")

LABS = sorted((ROOT / "docs" / "labs").glob("*.py"))
PAGES = [*markdown.pages(ROOT), *LABS, ROOT / "docs" / "about" / "changelog.md"]
# The cover, a chapter with tabs and plots, a lab, and a page of the reference.
ONE_OF_EACH_KIND = {"index", "lstm/forget-gate", "labs/reading-gates", "reference/numpy"}
WITH_SNIPPETS = [page for page in markdown.pages(ROOT) if snippet_rules.shown_on(ROOT, page)]


def name(source):
    return source.relative_to(ROOT / "docs").with_suffix("").as_posix()


def swept(sources):
    """Leave all pages but one of each kind to `make sweep`."""
    kinds = {name(source): source for source in sources if name(source) in ONE_OF_EACH_KIND}
    assert kinds
    return [
        source if name(source) in kinds else pytest.param(source, marks=pytest.mark.sweep)
        for source in sources
    ]


def address_of(source):
    path = name(source)
    return path.removesuffix("index") if path.endswith("index") else f"{path}/"


def look(what, page):
    """Run a function of browser.js in the page."""
    return page.evaluate(f"({LOOKS}).{what}()")


def unfold(page):
    page.evaluate("document.querySelectorAll('article details').forEach((d) => { d.open = true })")


@pytest.mark.book
@pytest.mark.parametrize("source", swept(PAGES), ids=name)
def test_a_page_shows_well(source, browser, address):
    options = {"color_scheme": "light", "viewport": {"width": WIDTHS[0], "height": 900}}
    with chromium.watched(browser, address, **options) as (page, wrong):
        page.goto(address + address_of(source))
        unfold(page)
        fonts = look("fonts", page)
        wrong += [f"font: {family}" for family, status in fonts if status == "error"]
        loaded = {family for family, status in fonts if status == "loaded"}
        assert {"Source Serif 4 Variable", "Source Sans 3 Variable"} <= loaded
        if page.locator(".formula").count():
            assert {"KaTeX_Main", "KaTeX_Math"} & loaded
        page.add_style_tag(content="* { animation: none !important; transition: none !important }")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for theme, scheme in THEMES.items():
                page.emulate_media(color_scheme=theme)
                page.wait_for_selector(f"body[data-md-color-scheme={scheme}]")
                for found in ("tooWide", "brokenImages", "hiddenFormulas", "pale"):
                    wrong += [f"{theme}, {width} px: {found}: {one}" for one in look(found, page)]
        assert not wrong, "\n".join(wrong)


def choose(page, label):
    """Choose a tab, if the page has any; all others follow."""
    tab = page.locator(".tabbed-labels > label", has_text=label)
    if tab.count():
        tab.first.click()
    return tab.count()


def blocks(page):
    """Return the code blocks that are visible and offer to be copied."""
    found = page.locator("article .language-python.highlight:not(.no-copy)")
    return [block for block in found.all() if block.is_visible()]


def copy(page, block):
    block.locator(".md-code__button[data-md-type=copy]").click()
    return page.evaluate("navigator.clipboard.readText()")


@pytest.mark.book
@pytest.mark.parametrize("source", swept(WITH_SNIPPETS), ids=name)
def test_what_is_copied_is_what_runs(source, browser, address):
    known = {
        one.path.read_text(encoding="utf-8").rstrip("\n"): one
        for one in snippet_rules.find(ROOT)
        if one.path in snippet_rules.shown_on(ROOT, source)
    }
    copied = set()
    permissions = ["clipboard-read", "clipboard-write"]
    with chromium.watched(browser, address, permissions=permissions) as (page, wrong):
        page.goto(address + address_of(source))
        unfold(page)
        for label in ("NumPy", "PyTorch"):
            choose(page, label)
            for block in blocks(page):
                text = copy(page, block).rstrip("\n")
                assert text in known, f"copied, but no snippet of this page:\n{text}"
                copied.add(known[text])
        assert not wrong, "\n".join(wrong)
    # What is copied is the file, letter by letter, and test_snippets.py runs every file.
    assert copied == set(known.values())


@pytest.fixture
def two_pages():
    """Return two pages with tabs and a figure."""
    tabbed = [
        page
        for page in WITH_SNIPPETS
        if {"NumPy", "PyTorch"} <= {block.tab for block in markdown.blocks(page.read_text())}
        and "![" in markdown.prose(page.read_text())
    ]
    assert len(tabbed) >= 2
    return tabbed[:2]


def test_the_choice_of_tab_carries_over(browser, address, two_pages):
    first, second = two_pages
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(address + address_of(first))
        assert choose(page, "PyTorch") > 1
        assert all("torch" in block.inner_text() for block in blocks(page))
        page.goto(address + address_of(second))
        assert blocks(page)
        assert all("torch" in block.inner_text() for block in blocks(page))
        assert not wrong, "\n".join(wrong)


def test_the_choice_of_theme_carries_over_and_figures_follow_it(browser, address, two_pages):
    def corner(page):
        figure = page.locator("article img").first
        figure.scroll_into_view_if_needed()
        shot = Image.open(io.BytesIO(figure.screenshot()))
        return sum(shot.convert("RGB").getpixel((12, 12))) / (3 * 255)

    first, second = two_pages
    with chromium.watched(browser, address, color_scheme="light") as (page, wrong):
        page.goto(address + address_of(first))
        assert page.get_attribute("body", "data-md-color-scheme") == "default"
        assert corner(page) > 0.9
        for _ in range(2):  # from the system's theme to light, from light to dark
            page.locator("[data-md-component=palette] label:not([hidden])").click()
        page.wait_for_selector("body[data-md-color-scheme=slate]")
        assert corner(page) < 0.3
        page.goto(address + address_of(second))
        assert page.get_attribute("body", "data-md-color-scheme") == "slate"
        assert corner(page) < 0.3
        assert not wrong, "\n".join(wrong)


def test_search_finds_a_page(browser, address):
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(address)
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially("notation")
        page.wait_for_selector('.md-search-result__item a[href*="notation"]')
        assert not wrong, "\n".join(wrong)


def test_a_missing_chromium_is_a_failure_on_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert chromium.is_required()
    monkeypatch.delenv("CI")
    assert not chromium.is_required()
