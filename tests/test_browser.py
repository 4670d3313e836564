"""Every page in a browser: both themes, wide and narrow, and nothing from elsewhere."""

import gzip
import html
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tests import browser as chromium
from tests import markdown, snippet_rules
from tests.parsed import texts

ROOT = Path(__file__).resolve().parent.parent
THEMES = {"light": "default", "dark": "slate"}
WIDTHS = (1280, 390)
LOOKS = Path(__file__).with_name("browser.js").read_text(encoding="utf-8")

LOOKS_AT = (
    *("tooWide", "brokenImages", "hiddenFormulas", "pale", "scrollingCode", "hidden"),
    *("longFormulas", "secretScrolling", "coveredCode", "tornSigns", "torn"),
)

LABS = sorted((ROOT / "docs" / "labs").glob("*.py"))
PAGES = [*markdown.pages(ROOT), *LABS, ROOT / "docs" / "about" / "changelog.md"]
# The cover, a chapter with tabs and plots, a lab, and a page of the reference.
ONE_OF_EACH_KIND = {"index", "lstm/forget-gate", "labs/reading-gates", "reference/numpy"}
PARTS = {"rnn", "lstm", "gru", "improvements", "practice", "projects"}
CHAPTERS = [page for page in markdown.pages(ROOT) if page.parent.name in PARTS]
WITH_SNIPPETS = [page for page in markdown.pages(ROOT) if snippet_rules.shown_on(ROOT, page)]


SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) shifts.push(one.value);
}).observe({ type: "layout-shift", buffered: true });
"""

# Those below the first screen wait for the reader.
ALL_IMAGES = """Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => {});
}))"""


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
    """Open all folds, and lay out what is far below the screen too."""
    page.evaluate("document.querySelectorAll('article details').forEach((d) => { d.open = true })")
    page.add_style_tag(content="article > * { content-visibility: visible !important }")


@pytest.mark.book
@pytest.mark.parametrize("source", swept(PAGES), ids=name)
def test_a_page_shows_well(source, browser, address):
    options = {"color_scheme": "light", "viewport": {"width": WIDTHS[0], "height": 900}}
    with chromium.watched(browser, address, **options) as (page, wrong):
        page.add_init_script(SHIFTS)
        page.goto(address + address_of(source))
        moved = page.evaluate("shifts.reduce((sum, one) => sum + one, 0)")
        wrong += [f"things moved while the page loaded: {moved:.3f}"] * (moved > 0.02)
        unfold(page)
        page.evaluate(ALL_IMAGES)
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
                page.evaluate("new Promise((then) => setTimeout(then, 50))")  # it sees the new size
                for found in LOOKS_AT:
                    wrong += [f"{theme}, {width} px: {found}: {one}" for one in look(found, page)]
        assert not wrong, "\n".join(wrong)


@pytest.mark.book
@pytest.mark.parametrize("source", swept(PAGES), ids=name)
def test_nothing_moves_while_a_phone_reads_a_page(source, browser, address):
    with chromium.watched(browser, address, viewport={"width": 390, "height": 844}) as (
        page,
        wrong,
    ):
        page.add_init_script(SHIFTS)
        page.goto(address + address_of(source))
        for _ in range(6):
            page.mouse.wheel(0, 800)
            page.wait_for_timeout(50)
        page.evaluate("document.fonts.ready.then(() => 0)")
        assert page.evaluate("shifts.reduce((sum, one) => sum + one, 0)") <= 0.02
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


def test_the_choice_of_tab_holds_in_folds(browser, address):
    with chromium.watched(browser, address) as (page, _):
        page.goto(f"{address}lstm/forget-gate/")
        unfold(page)
        assert choose(page, "PyTorch") > 1
        page.goto(f"{address}lstm/memory-cell/")
        left = page.evaluate(
            """() => [...document.querySelectorAll(".tabbed-labels > label")]
              .filter((label) => label.textContent.trim() === "PyTorch" && !label.control.checked)
              .length"""
        )
        assert left == 0


def size(site, path):
    """Return how many bytes a server sends for a file."""
    file = site / path / "index.html" if (site / path).is_dir() else site / path
    content = file.read_bytes()
    return min(len(content), len(gzip.compress(content)))


def loaded(page, address):
    """Return what a page has loaded from the site, itself first."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => 0)")
    names = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    ours = [url for url in (page.url, *names) if url.startswith(address)]
    return {url.removeprefix(address).partition("?")[0].partition("#")[0] for url in ours}


@pytest.mark.book
@pytest.mark.parametrize("source", swept(CHAPTERS), ids=name)
def test_the_first_page_is_small_and_the_next_one_smaller(source, browser, address, site):
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(address + address_of(source))
        sizes = {path: size(site, path) for path in loaded(page, address)}
        assert sum(sizes.values()) <= 250_000, sizes
        shared = ("javascripts/", "style", "book", "fonts/", "katex/", "run/", "logo")
        shared = tuple(f"assets/{one}" for one in shared)
        own = {path: one for path, one in sizes.items() if not path.startswith(shared)}
        assert sum(own.values()) <= 60_000, own
        assert not wrong, "\n".join(wrong)


def test_a_dark_page_prints_dark_on_white_with_what_is_folded(browser, address):
    options = {"color_scheme": "dark", "viewport": {"width": 700, "height": 900}}
    with chromium.watched(browser, address, **options) as (page, _):
        page.goto(f"{address}lstm/forget-gate/")
        page.emulate_media(media="print", color_scheme="dark")
        pale = look("pale", page)
        assert not pale, "\n".join(pale)
        colours = page.evaluate(
            "['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])"
        )
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        folded = page.locator("article details:not([open]) p:not(.admonition-title)").first
        assert folded.evaluate("(e) => e.getBoundingClientRect().height") > 0


def test_on_a_phone_the_keyboard_opens_the_contents_and_does_not_get_lost_in_them(browser, address):
    with chromium.watched(browser, address, viewport={"width": 390, "height": 900}) as (
        page,
        wrong,
    ):
        page.goto(f"{address}lstm/forget-gate/")
        inside = "document.querySelector('.md-sidebar--primary').contains(document.activeElement)"
        button = page.get_by_role("button", name="Contents")
        for _ in range(12):
            page.keyboard.press("Tab")
            assert not page.evaluate(inside)
        button.focus()
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        assert page.evaluate(inside)
        page.keyboard.press("Escape")
        assert button.get_attribute("aria-expanded") == "false"
        assert not page.evaluate(inside)
        assert not wrong, "\n".join(wrong)


def test_what_cannot_be_seen_yet_is_laid_out_when_it_comes_near(browser, address):
    with chromium.watched(browser, address, viewport={"width": 390, "height": 700}) as (
        page,
        wrong,
    ):
        page.goto(f"{address}lstm/forget-gate/")
        seen = "(e) => e.checkVisibility({ contentVisibilityAuto: true })"
        last = page.locator("article > p .katex").last
        chapters = page.locator(".md-sidebar--primary .md-nav__link").first
        assert not last.evaluate(seen)
        assert not chapters.evaluate(seen)
        last.scroll_into_view_if_needed()
        page.wait_for_function(seen, arg=last.element_handle())
        page.get_by_role("button", name="Contents").click()
        page.wait_for_function(seen, arg=chapters.element_handle())
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
            page.locator("[data-book=theme] label:not([hidden])").click()
        page.wait_for_selector("body[data-md-color-scheme=slate]")
        assert corner(page) < 0.3
        page.goto(address + address_of(second))
        assert page.get_attribute("body", "data-md-color-scheme") == "slate"
        assert corner(page) < 0.3
        assert not wrong, "\n".join(wrong)


def test_a_theme_is_followed_chosen_and_kept(browser, address, two_pages):
    """Of the system at first; then light, dark and the system in turn, by mouse and by keyboard."""
    read = """() => ({
      scheme: document.body.dataset.mdColorScheme,
      frame: [...document.querySelectorAll("meta[name=theme-color]")]
        .filter((one) => matchMedia(one.media).matches).map((one) => one.content),
      controls: document.querySelector("meta[name=color-scheme]").content,
    })"""
    light = {"scheme": "default", "frame": ["#ffffff"], "controls": "light"}
    dark = {"scheme": "slate", "frame": ["#1e2129"], "controls": "dark"}
    with chromium.watched(browser, address, color_scheme="dark") as (page, wrong):
        page.goto(address + address_of(two_pages[0]))
        assert page.evaluate(read) == dark
        page.emulate_media(color_scheme="light")
        page.wait_for_selector("body[data-md-color-scheme=default]")
        assert page.evaluate(read) == light
        for expected in (light, dark):
            page.locator("[data-book=theme] label:not([hidden])").click()
            assert page.evaluate(read) == expected
        for path in (address_of(two_pages[1]), "404.html"):
            page.goto(address + path, wait_until="networkidle")
            assert page.evaluate(read) == dark
        page.locator("[data-book=theme] input:checked").focus()
        for expected in (light, light, dark):
            page.keyboard.press("Enter")
            assert page.evaluate(read) == expected
        assert not wrong, "\n".join(wrong)


def test_a_choice_of_tab_leaves_its_tabs_where_they_are(browser, address):
    """Although all others on the page follow, and those above it become longer or shorter."""
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(f"{address}lstm/forget-gate/")
        last = page.locator(".md-content__inner > .tabbed-set").last
        last.scroll_into_view_if_needed()
        place = "(set) => Math.round(set.getBoundingClientRect().top)"
        before = last.evaluate(place)
        first = page.locator(".md-content__inner > .tabbed-set").first
        height = first.evaluate("(set) => set.offsetHeight")
        last.locator("label", has_text="PyTorch").click()
        assert first.evaluate("(set) => set.offsetHeight") != height
        assert abs(last.evaluate(place) - before) <= 1
        assert not wrong, "\n".join(wrong)


def test_search_finds_a_page(browser, address):
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(address)
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially("notation")
        page.wait_for_selector('.md-search-result__item a[href*="notation"]')
        assert not wrong, "\n".join(wrong)


# What a reader may look for -> the page that must come first.
FOUND = {
    "forget gate": "lstm/forget-gate",
    "input gate": "lstm/input-gate",
    "output gate": "lstm/output-gate",
    "reset gate": "gru/reset-gate-and-candidate",
    "memory cell": "lstm/memory-cell",
    "GRU or LSTM": "gru/gru-or-lstm",
    "vanishing": "rnn/vanishing-gradients",
    "gradient clipping": "rnn/vanishing-gradients",
    "BPTT": "rnn/backpropagation-through-time",
    "TBPTT": "rnn/backpropagation-through-time",
    "teacher forcing": "practice/encoder-decoder-attention",
    "seq2seq": "practice/encoder-decoder-attention",
    "attention": "practice/encoder-decoder-attention",
    "beam search": "practice/encoder-decoder-attention",
    "padding": "practice/using-the-layers",
    "bidirectional": "improvements/bidirectional",
    "dropout": "improvements/recurrent-dropout",
    "zoneout": "improvements/recurrent-dropout",
    "layer normalization": "improvements/layer-normalisation",
    "peephole": "lstm/variants",
    "hidden size": "lstm/hidden-units",
    "state_dict": "lstm/in-practice",
    "nn.LSTM": "lstm/in-practice",
    "c_n": "lstm/in-practice",
    "h_n": "lstm/in-practice",
}


@pytest.mark.book
def test_the_page_that_is_looked_for_comes_first(browser, address):
    first = ".md-search-result__item > a"
    wrong = []
    with chromium.watched(browser, address) as (page, _):
        page.goto(address)
        field = page.locator(".md-search__input")
        field.click()
        field.fill("recurrent")
        page.wait_for_selector(first, state="attached")
        for query, wanted in FOUND.items():
            for text, state in (("", "detached"), (query, "attached")):
                field.fill(text)
                field.press("End")  # it listens to keys
                page.wait_for_selector(first, state=state)
            found = page.locator(first).first.get_attribute("href").partition("?")[0]
            if found != f"{address}{wanted}/":
                wrong.append(f"{query}: {found}")
    assert not wrong, "\n".join(wrong)


def test_the_index_is_small_and_loaded_when_search_is_opened(browser, address, site):
    index = (site / "search" / "search_index.json").read_bytes()
    assert len(gzip.compress(index)) <= 200_000
    with chromium.watched(browser, address) as (page, wrong):
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address, wait_until="networkidle")
        assert not [url for url in asked if "search_index" in url]
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially("lstm")
        page.wait_for_selector(".md-search-result__item a")
        assert len([url for url in asked if "search_index" in url]) == 1
        assert not wrong, "\n".join(wrong)


@pytest.mark.book
def test_search_knows_words_in_code_but_no_sources_and_formulas_in_words(site):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    split = re.compile(index["config"]["separator"])
    assert split.split('nn.LSTM(3, x["h_n"])') == ["nn", "LSTM", "3", "x", "h_n", ""]
    texts = {one["location"]: one["text"] for one in index["docs"]}
    reference = [text for place, text in texts.items() if place.startswith("reference/")]
    assert not [text for text in reference if "def " in text]
    code = [one for text in texts.values() for one in re.findall("<pre>(.*?)</pre>", text)]
    assert len(code) > 100
    assert all(re.fullmatch(r"<code>[\w ]+</code>", one) for one in code)  # names alone
    assert not [place for place, text in texts.items() if "katex" in text or "\\fgate" in text]


NAME = re.compile(r"\b[A-Za-z]\w*_\w+")


ELSEWHERE = {"mkdocstrings-source", "formula", "downloads"}


@pytest.fixture(scope="module")
def names(pages):
    """Return the names with an underscore that each page shows, files and sources left out."""
    found = {}
    for page, soup in pages.items():
        if page.endswith("index.html"):
            said = texts(
                soup.find("article"), lambda tag: ELSEWHERE.intersection(tag.get("class", ()))
            )
            found[page.removesuffix("index.html")] = {
                one for text in said for one in NAME.findall(text)
            }
    assert sum(map(len, found.values())) > 1000
    return found


@pytest.mark.book
def test_the_index_holds_every_name_that_a_page_shows(site, names):
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    split = re.compile(index["config"]["separator"])
    held = {}
    for one in index["docs"]:
        said = " ".join([one["title"], one["text"], *one.get("tags", [])])
        known = held.setdefault(one["location"].partition("#")[0].removeprefix("./"), set())
        known.update(split.split(html.unescape(re.sub("<[^>]*>", " ", said))))
    assert set(held) == set(names)
    lost = {url: shown - held[url] for url, shown in names.items() if shown - held[url]}
    assert not lost


@pytest.mark.book
@pytest.mark.parametrize("name", ["state_dict", "bias_ih_l0", "record_gates"])
def test_search_finds_every_page_that_shows_a_name(name, names, browser, address):
    wanted = [url for url, shown in names.items() if any(one.startswith(name) for one in shown)]
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(address)
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially(name)
        page.wait_for_selector(".md-search-result__item a")
        page.wait_for_timeout(300)  # it is typed letter by letter
        said = page.locator(".md-search-result__meta").inner_text()
        assert int(re.match(r"\d+", said)[0]) == len(wanted)
        assert not wrong, "\n".join(wrong)


def test_a_missing_chromium_is_a_failure_on_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert chromium.is_required()
    monkeypatch.delenv("CI")
    assert not chromium.is_required()
