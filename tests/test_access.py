"""Readers who see little, have no mouse, or a small screen: axe, focus, notes on terms, zoom."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from tests import browser as chromium
from tests import markdown
from tests.hooks import hook
from tests.test_browser import PAGES, THEMES, WIDTHS, address_of, look, name, unfold
from tests.test_terms import EVERYDAY

ROOT = Path(__file__).resolve().parent.parent
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# Checked in both themes at both widths; all others once per theme, by `make sweep`.
CLOSELY = {
    *("index", "lstm/forget-gate", "practice/when-not", "labs/gate-lab"),
    *("labs/reading-gates", "reference/glossary"),
}

# Both tabs of a set are looked at; and nothing is half-way between two colours.
STILL = """
* { animation: none !important; transition: none !important }
.tabbed-block { display: block !important }
"""
FINDINGS = """
async ({ context, rules }) => {
  // No rule that runs reads what it would load ahead: sheets, and films.
  const options = { resultTypes: ["violations"], preload: false };
  if (rules) options.runOnly = { type: "rule", values: rules };
  const { violations } = await axe.run(context ?? document, options);
  return violations.flatMap((one) => one.nodes.map((node) => {
    const [why] = [...node.any, ...node.all, ...node.none];
    return `${one.id}: ${node.html.slice(0, 160)} (${why?.message ?? one.help})`;
  }));
}
"""


def axe(page, *within, rules=None):
    """What axe finds wrong on a page, or within some elements of it."""
    context = {"include": [[one] for one in within]} if within else None
    return page.evaluate(FINDINGS, {"context": context, "rules": rules})


def turn(page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.wait_for_selector(f"body[data-md-color-scheme={THEMES[theme]}]")


def open_contents(page):
    page.get_by_role("button", name="Contents").click()
    page.evaluate("for (const one of document.querySelectorAll('.md-nav__toggle')) one.checked = 1")


def open_search(page, word):
    page.evaluate("document.getElementById('__search').click()")
    field = page.locator(".md-search__input")
    field.fill(word)
    field.press("End")  # it listens to keys
    page.wait_for_selector(".md-search-result__item > a")


def close_search(page):
    page.evaluate("document.getElementById('__search').click()")


@pytest.mark.book
@pytest.mark.parametrize(
    "source",
    [
        source if name(source) in CLOSELY else pytest.param(source, marks=pytest.mark.sweep)
        for source in PAGES
    ],
    ids=name,
)
def test_axe_finds_nothing_with_everything_open(source, browser, address):
    closely = name(source) in CLOSELY
    found = []
    options = {"color_scheme": "light", "viewport": {"width": WIDTHS[-1], "height": 900}}
    with chromium.watched(browser, address, **options) as (page, wrong):
        page.goto(address + address_of(source))
        page.evaluate(AXE)
        page.add_style_tag(content=STILL)
        unfold(page)
        for width in reversed(WIDTHS) if closely else (390,):
            page.set_viewport_size({"width": width, "height": 900})
            for theme in THEMES:
                turn(page, theme)
                where = f"{theme}, {width} px: "
                # Of what axe looks at, another theme changes the colours alone.
                rules = None if theme == "light" else ["color-contrast", "link-in-text-block"]
                found += [where + one for one in axe(page, rules=rules)]
                if width < 1000 and closely:
                    open_contents(page)
                    parts = (".md-sidebar--primary", ".md-header")
                    found += [f"{where}drawer, {one}" for one in axe(page, *parts, rules=rules)]
                    page.keyboard.press("Escape")
                # What is found looks the same on every page.
                if name(source) == "lstm/forget-gate":
                    open_search(page, "gradient")
                    found += [
                        f"{where}search, {one}" for one in axe(page, ".md-search", rules=rules)
                    ]
                    close_search(page)
        # A phone that is held upright, a window at twice the size, and one at four times.
        for width in (640, 320):
            page.set_viewport_size({"width": width, "height": 450})
            for what in ("tooWide", "cutOff"):
                found += [f"{width} px: {what}: {one}" for one in look(what, page)]
        assert not found + wrong, "\n".join(found + wrong)


# Where the keyboard is

WHERE = {
    "the button of the contents": ("lstm/forget-gate", 390, "button.md-header__button"),
    "a term": ("lstm/forget-gate", 1280, "article .term"),
    "a tab": ("lstm/forget-gate", 1280, ".tabbed-set > input"),
    "a button that copies": ("lstm/forget-gate", 1280, ".md-code__button"),
    "a button that runs": ("lstm/forget-gate", 1280, ".run-button"),
    "code that scrolls": ("lstm/forget-gate", 390, "article pre > code[tabindex]"),
    "a link of the footer": ("lstm/forget-gate", 1280, ".md-footer__link"),
    "a button of the cover": ("index", 1280, "article .md-button"),
    "the search": ("lstm/forget-gate", 1280, ".md-search__input"),
    "a link of the navigation": ("lstm/forget-gate", 1280, ".md-nav--primary a.md-nav__link"),
    "a link of the contents": ("lstm/forget-gate", 1280, ".md-sidebar--secondary a.md-nav__link"),
    "a link in the text": ("lstm/forget-gate", 1280, "article p > a"),
    "a fold": ("lstm/forget-gate", 1280, "article summary"),
}


def luminance(pixel):
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in pixel]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def marked(before, after):
    """Count the pixels that differ with a contrast of 3 to 1 (WCAG 2.2, 2.4.13)."""
    count = 0
    first, second = (Image.open(io.BytesIO(one)).convert("RGB") for one in (before, after))
    if ImageChops.difference(first, second).getbbox():
        pixels = (np.asarray(image).reshape(-1, 3).tolist() for image in (first, second))
        for one, other in zip(*pixels, strict=True):
            if one != other:
                a, b = (luminance([v / 255 for v in pixel]) + 0.05 for pixel in (one, other))
                count += max(a, b) / min(a, b) >= 3
    return count


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("what", WHERE)
def test_one_sees_where_the_keyboard_is(what, theme, browser, address):
    path, width, selector = WHERE[what]
    options = {"color_scheme": theme, "viewport": {"width": width, "height": 900}}
    with chromium.watched(browser, address, reduced_motion="reduce", **options) as (page, _):
        page.goto(address + (f"{path}/" if path != "index" else ""))
        page.add_style_tag(content="* { animation: none !important; transition: none !important }")
        page.add_style_tag(content="* { caret-color: transparent } .term-note { display: none }")
        element = page.locator(selector).first
        seen = element
        if what == "a tab":
            seen = page.locator(".tabbed-labels > label").first
        page.keyboard.press("Tab")  # from now on a keyboard is used
        seen.scroll_into_view_if_needed()
        element.evaluate("(e) => e.focus({ preventScroll: true })")
        box = seen.bounding_box()  # from now on: the search grows when it is focused
        clip = {
            **{side: max(0, box[side] - 8) for side in "xy"},
            **{side: min(box[side] + 16, 880) for side in ("width", "height")},
        }
        shots = [page.screenshot(clip=clip)]
        element.evaluate("(e) => e.blur()")
        shots.append(page.screenshot(clip=clip))
        around = 2 * (min(box["width"], 880) + min(box["height"], 880))
        assert marked(*shots) > 0.9 * around


def test_the_way_back_to_the_top_takes_the_focus_only_while_it_is_shown(browser, address):
    takes = (
        "(e) => { e.focus(); return [document.activeElement === e, getComputedStyle(e).outline] }"
    )
    with chromium.watched(browser, address, reduced_motion="reduce") as (page, _):
        page.goto(f"{address}lstm/forget-gate/")
        button = page.locator(".md-top")
        assert button.get_attribute("hidden") is not None
        assert not button.evaluate(takes)[0]
        page.keyboard.press("Tab")
        page.mouse.move(600, 400)
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(200)
        page.mouse.wheel(0, -400)
        page.wait_for_selector(".md-top:not([hidden])")
        is_focused, outline = button.evaluate(takes)
        assert is_focused
        assert outline.endswith("solid 2px")


def test_that_something_was_copied_is_announced(browser, address):
    with chromium.watched(browser, address, permissions=["clipboard-write"]) as (page, wrong):
        page.goto(f"{address}lstm/forget-gate/")
        status = page.get_by_role("status").filter(has_text="Copied to clipboard")
        assert status.count() == 0
        page.locator(".md-code__button[data-md-type=copy]").first.click()
        status.wait_for()
        assert not wrong, "\n".join(wrong)


# Terms that say what they mean


@pytest.fixture
def term(browser, address):
    """A page, and the first term in its text."""
    with chromium.watched(browser, address, has_touch=True) as (page, wrong):
        page.goto(f"{address}lstm/backward-pass/")
        yield page, page.locator("article .term").first
        assert not wrong, "\n".join(wrong)


def test_a_term_that_is_pointed_at_says_what_it_means(term):
    page, term = term
    note = page.locator(".term-note")
    assert note.count() == 0
    term.hover()
    note.wait_for()
    meaning = term.get_attribute("aria-description")
    assert note.inner_text().startswith(meaning)
    note.hover()  # it stays as long as it is read
    page.wait_for_timeout(400)
    assert note.is_visible()
    page.mouse.move(2, 2)
    note.wait_for(state="detached")


def test_a_term_that_is_focused_says_what_it_means_and_where_more_is(term):
    page, term = term
    note = page.locator(".term-note")
    term.focus()
    note.wait_for()
    page.keyboard.press("Escape")
    assert note.count() == 0
    term.blur()
    term.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.term-note') !== null")
    chapter, target = term.get_attribute("data-chapter"), term.get_attribute("data-page")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(target.strip("./"))))
    assert chapter in page.locator("h1").inner_text()


def test_a_term_that_is_touched_says_what_it_means_within_the_screen(term):
    page, term = term
    page.set_viewport_size({"width": 390, "height": 700})
    for one in page.locator("article .term").all():
        one.scroll_into_view_if_needed()
        one.tap()
        box = page.locator(".term-note").bounding_box()
        page.keyboard.press("Escape")
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] > 20


@pytest.fixture(scope="module")
def terms():
    """The hook that marks them."""
    return hook("terms")


@pytest.fixture
def mark(terms):
    """Mark the terms of a small glossary in a page, each in brackets."""
    glossary = (
        "# Glossary\n\nForget gate\n:   $\\fgate$: keeps. Named on [A](../a.md), explained on"
        " [B](../b.md).\n\nGRU\n:   a cell, $W^\\top$. [C](../c.md).\n\n"
        "Gate\n:   lets in. [A](../a.md).\n"
    )
    found = terms.read(glossary, ["gate, gate and GRU", "a forget gate", "forget gate, gate"])

    def mark(content):
        return terms.mark(content, found, lambda inside, term: f"[{term.word}:{inside}]")

    return mark


@pytest.mark.parametrize(
    "content, wanted",
    [
        ("<p>The GRUs, and a GRU.</p>", "<p>The [GRU:GRUs], and a GRU.</p>"),
        ("<p>a gru</p>", "<p>a gru</p>"),
        ("<p>A forget\ngate.</p>", "<p>A [Forget gate:forget\ngate].</p>"),
        ("<h2>GRU</h2><p>GRU</p>", "<h2>GRU</h2><p>[GRU:GRU]</p>"),
        ("<p><a>GRU</a> <code>GRU</code></p>", "<p><a>GRU</a> <code>GRU</code></p>"),
        ("<details><p>GRU</p></details>", "<details><p>GRU</p></details>"),
        ("<table><td><p>GRU</p></td></table>", "<table><td><p>GRU</p></td></table>"),
        ("<pre>GRU</pre>GRU", "<pre>GRU</pre>GRU"),
        ("<p>x<br>GRU <img alt='GRU'></p>", "<p>x<br>[GRU:GRU] <img alt='GRU'></p>"),
        (
            '<p>its <span class="arithmatex">\\fgate_t</span></p>',
            '<p>its [\\fgate:<span class="arithmatex">\\fgate_t</span>]</p>',
        ),
        (
            '<p><span class="arithmatex">1 - \\fgate</span></p>',
            '<p><span class="arithmatex">1 - \\fgate</span></p>',
        ),
        (
            "<p>A GRU has no forget gate but a gate.</p><p>Gates</p>",
            "<p>A [GRU:GRU] has no [Forget gate:forget gate] but a gate.</p><p>Gates</p>",
        ),
    ],
)
def test_the_first_use_in_running_text_is_marked(mark, content, wanted):
    assert mark(content) == wanted


def test_everyday_words_are_left_alone(terms):
    assert set(EVERYDAY) == terms.EVERYDAY


def test_what_a_term_means_is_plain_words(terms):
    glossary = (ROOT / "docs" / terms.GLOSSARY).read_text(encoding="utf-8")
    assert "…" not in map(hook("formulas").words, re.findall(r"\$([^$]+)\$", glossary))
    found = terms.read(glossary, [])
    assert len(found) > 90
    for term in found:
        assert not re.search(r"[\\$`\[\]{}]", term.meaning), term.meaning
        assert term.meaning.endswith(".")
        assert len(term.meaning) > 12
        assert (ROOT / "docs" / term.home).exists()


@pytest.mark.book
def test_a_page_explains_few_words_and_none_of_its_own(site, terms):
    counts = {}
    for source in markdown.pages(ROOT):
        path = name(source)
        file = site / path / "index.html"
        if path.endswith("index") or not path.startswith(terms.FOLDERS):
            continue
        found = re.findall(r'<abbr class="term".*?data-page="([^"]+)"', file.read_text())
        counts[path] = len(found)
        own = [link for link in found if not link.strip("./")]
        assert not own, path
    assert max(counts.values()) <= terms.MOST
    assert sum(count > 3 for count in counts.values()) > len(counts) // 2, counts
