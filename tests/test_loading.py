"""What a page loads and what it says about itself, on the built site and on a small one."""

import io
import json
import re
import struct
from urllib.parse import unquote

import pytest
from fontTools.ttLib import TTFont

from tests.test_site import LAB, ROOT, build, built, configure, hook, page, small

__all__ = ["build", "small"]  # fixtures

ADDRESSES = {"SITE_URL": "https://book.example/x/", "REPO_URL": "https://git.example/book"}


@pytest.fixture(autouse=True)
def hooks_find_each_other(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs" / "_hooks")


def letters(content):
    return set(map(chr, TTFont(io.BytesIO(content)).getBestCmap()))


@pytest.mark.book
def test_no_font_lacks_a_letter_that_a_page_shows(site, pages):
    shown = {letter for soup in pages.values() for letter in soup.get_text()}
    shown = {letter for letter in shown if letter.isprintable()}
    assert {"é", "→", "σ", "⊙"} <= shown
    assets = hook("assets")
    lacking, kept = {}, 0
    for uri, content in {**assets._fonts(), **assets._katex()}.items():
        if uri.endswith(".woff2"):
            wanted = shown & letters(content)
            files = list(site.glob(f"{uri.removesuffix('.woff2')}.*.woff2"))
            has = letters(files[0].read_bytes()) if files else set()
            kept += len(files)
            if wanted - has:
                lacking[uri] = wanted - has
            if files:
                assert files[0].stat().st_size < 25_000, uri
    assert not lacking
    assert kept >= 20


def test_a_font_keeps_what_is_asked_for_and_no_weight_that_no_sheet_asks_for(tmp_path):
    name = "assets/fonts/source-serif-4-latin-wght-normal.woff2"
    whole = hook("assets")._fonts()[name]
    cut = hook("fonts").cut(whole, set("ab"), tmp_path)
    assert letters(cut) == set("ab")
    (axis,) = TTFont(io.BytesIO(cut))["fvar"].axes
    assert (axis.minValue, axis.maxValue) == (400, 700)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"from the cache")
    assert hook("fonts").cut(whole, set("ab"), tmp_path) == b"from the cache"
    assert hook("fonts").cut(whole, {"あ"}, tmp_path) is None


@pytest.mark.book
def test_a_page_asks_for_one_sheet_and_its_fonts_are_there(site, pages):
    for name, soup in pages.items():
        sheets = [tag["href"] for tag in soup.find_all("link", rel="stylesheet")]
        assert len(sheets) == 1, name
        fonts = [tag["href"] for tag in soup.find_all("link", rel="preload")]
        for address in sheets + fonts:
            folder = site if address.startswith("/") else (site / name).parent
            assert (folder / address.lstrip("/")).is_file(), f"{name}: {address}"
    (sheet,) = site.glob("assets/style.*.css")
    text = sheet.read_text(encoding="utf-8")
    for address in re.findall(r"url\(([^)]+\.woff2)\)", text):
        assert (sheet.parent / address).is_file(), address
    for rule in ("--rnn-f:", ".katex", ".run-bar", ".doc-contents", ".md-typeset .page-facts"):
        assert rule in text


@pytest.mark.book
def test_no_rule_has_the_style_of_the_whole_page_worked_out_again(site):
    """`:has` is looked at whenever a script adds something, and Material marks every body."""
    (sheet,) = site.glob("assets/style.*.css")
    text = sheet.read_text(encoding="utf-8")
    assert ":has(" not in text
    assert "[data-md-color-switching] " not in text


@pytest.mark.book
def test_no_page_leaves_its_theme_or_tabs_to_the_script_at_its_end(site):
    """That script would measure what it changes; a theme chosen before the text costs nothing."""
    for file in sorted(site.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        assert text.count('data-md-component="palette"') == text.count("data-tabs=") == 0, file
        before, choice, after = text.partition('data-book="theme"')
        assert bool(choice) == ('id="__config"' in text), file  # a page of the book, no listing
        if choice:
            assert "__md_set" in after.partition("<article")[0], file


@pytest.mark.book
def test_code_has_no_element_that_looks_like_what_is_around_it(pages):
    colourless = [
        (path, one)
        for path, soup in pages.items()
        for one in soup.select("article :is(.n, .w)", limit=2)
    ]
    assert not colourless


@pytest.mark.book
def test_tables_of_many_columns_are_marked_and_no_others(pages):
    tables = [
        table
        for soup in pages.values()
        for table in soup.select("article table:not([class])")
        if table.thead
    ]
    for table in tables:
        columns = len(table.tr.find_all(["td", "th"]))
        assert table.has_attr("data-columns") == (columns >= 5), table.tr
    assert any(table.has_attr("data-columns") for table in tables)


@pytest.mark.book
def test_images_below_the_first_screen_wait_for_the_reader(pages):
    lazy = [
        tag
        for soup in pages.values()
        for tag in soup.find_all("img", src=lambda source: not source.startswith("data:"))
        if tag.get("loading") == "lazy"
    ]
    assert len(lazy) > 100
    assert all(tag.get("width") and tag["decoding"] == "async" for tag in lazy)
    assert not [tag for tag in lazy if tag.find_parent("header")]


# What a page says about itself


@pytest.mark.book
def test_every_page_says_when_and_with_what_it_was_built(pages):
    for name, soup in pages.items():
        colours = soup.find_all("meta", attrs={"name": "theme-color"})
        assert len(colours) == 2, name
        assert soup.find("link", rel="apple-touch-icon"), name
        if name == "404.html":
            continue
        facts = soup.find("p", class_="page-facts")
        assert re.search(r"Version \S+, .* NumPy \d+\.\d+\S* and PyTorch 2\.", facts.get_text())
        assert facts.find("time")["datetime"]
        assert facts.find("a", string="Cite this book"), name


@pytest.mark.book
def test_the_book_is_cited_from_one_source(pages):
    text = pages["about/colophon/index.html"].get_text()
    source = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for name in ("title", "version"):
        value = re.search(rf"^{name}: \"?([^\"\n]+)", source, re.MULTILINE)[1]
        assert re.search(rf"{name} += {{+{re.escape(value)}}}", text), value
    assert "@software{rnn_book," in text


@pytest.mark.book
def test_an_unknown_address_leads_to_the_search_and_to_every_page(pages):
    soup = pages["404.html"]
    assert soup.find("input", class_="md-search__input")
    linked = {tag["href"].strip("/") for tag in soup.find("article").find_all("a", href=True)}
    known = {name.removesuffix("index.html").strip("/") for name in pages if name != "404.html"}
    assert known <= linked


@pytest.fixture
def headed(small):
    """Return the folder of a small book with the theme and all that speaks about a page."""
    configure(
        small,
        ["assets", "labs", "listings", "formulas", "pages", "heads", "fonts", "kept"],
        "plugins: [search]\nextra_css: [assets/fonts/fonts.css]\nextra_javascript: []\n",
    )
    (small / "docs/labs/small.py").write_text(LAB)
    (small / "docs/about").mkdir()
    (small / "docs/about/colophon.md").write_text("# Colophon\n\n```citation\n```\n")
    (small / "CITATION.cff").write_text((ROOT / "CITATION.cff").read_text())
    page(small, "---\ndescription: A small book.\n---\n# Small\n")
    return small


def meta(soup):
    return {
        tag.get("property") or tag.get("name"): tag.get("content") for tag in soup.find_all("meta")
    }


def test_with_an_address_a_page_has_a_card(headed, build):
    passed, said = build(headed, RUN_LABS="", **ADDRESSES)
    assert passed, said
    for name, address in (("index.html", ""), ("about/colophon/index.html", "about/colophon/")):
        soup = built(headed, name)
        known = meta(soup)
        assert soup.find("link", rel="canonical")["href"] == known["og:url"]
        assert known["og:url"] == ADDRESSES["SITE_URL"] + address
        assert known["twitter:card"] == "summary_large_image"
        assert known["og:title"]
        assert known["og:description"]
        file = headed / "site" / known["og:image"].removeprefix(ADDRESSES["SITE_URL"])
        content = file.read_bytes()
        assert struct.unpack(">II", content[16:24]) == (1200, 630)
        assert len(content) < 60_000
    sitemap = (headed / "site/sitemap.xml").read_text()
    assert "<loc>https://book.example/x/about/colophon/</loc>" in sitemap
    soup = built(headed, "404.html")
    assert soup.find("article").find("a", href="/x/about/colophon/")
    (sheet,) = soup.find_all("link", rel="stylesheet")
    assert (headed / "site" / sheet["href"].removeprefix("/x/")).is_file()


def test_with_a_source_a_page_leads_to_it_and_a_lab_to_colab(headed, build):
    passed, said = build(headed, RUN_LABS="", **ADDRESSES)
    assert passed, said
    links = {tag.get_text(): tag["href"] for tag in built(headed).select(".page-facts a")}
    source = ADDRESSES["REPO_URL"]
    assert links["Source of this page"] == f"{source}/blob/main/docs/index.md"
    assert links["Edit it"] == f"{source}/edit/main/docs/index.md"
    assert links["Report a mistake"].startswith(f"{source}/issues/new?title=")
    assert "Open in Colab" not in links
    soup = built(headed, "labs/small/index.html")
    colab = soup.find("a", string="Open in Colab")["href"]
    host, _, notebook = colab.partition("#fileId=")
    assert host == "https://colab.research.google.com/"
    assert notebook == notebook.replace("/", "%2F")
    file = unquote(notebook).removeprefix(ADDRESSES["SITE_URL"])
    assert (headed / "site" / file).is_file()


LATE = """
from pathlib import Path
def on_post_build(config):
    text = '<title>x</title><link rel="stylesheet" href="assets/fonts/fonts.css">'
    text += '<link rel="stylesheet" href="assets/own.css">'
    text += '<p>\u01e6<img loading="lazy" decoding="async">'
    (Path(config.site_dir) / "print.html").write_text(text, encoding="utf-8")
"""


def test_a_page_that_a_hook_writes_at_the_end_has_its_fonts(headed, build):
    (headed / "late.py").write_text(LATE)
    text = (headed / "mkdocs.yml").read_text()
    fonts = json.dumps(str(ROOT / "docs/_hooks/fonts.py"))
    assert fonts in text
    (headed / "mkdocs.yml").write_text(text.replace(fonts, f'"late.py", {fonts}'))
    for _ in range(2):  # with nothing kept, and with all of it
        passed, said = build(headed, RUN_LABS="")
        assert passed, said
    soup = built(headed, "print.html")
    joined, own = [tag["href"] for tag in soup.find_all("link")]
    assert (headed / "site" / joined).is_file()
    assert own == "assets/own.css"
    assert not soup.find("img").get("loading")
    (sheet,) = built(headed).find_all("link", rel="stylesheet")
    assert sheet["href"] == joined
    (font,) = (headed / "site").glob("assets/fonts/source-serif-4-latin-ext-wght-normal.*.woff2")
    assert "\u01e6" in letters(font.read_bytes())


def test_without_addresses_no_page_names_one(headed, build):
    passed, said = build(headed, RUN_LABS="")
    assert passed, said
    soup = built(headed, "labs/small/index.html")
    assert not [name for name in meta(soup) if name and name.startswith(("og:", "twitter:"))]
    assert not soup.find("link", rel="canonical")
    assert [tag.get_text() for tag in soup.select(".page-facts a")] == ["Cite this book"]
    assert not (headed / "site/assets/cards").exists()
