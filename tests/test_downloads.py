"""What a reader can take along: snippets, notebooks, the zip and the PDF of the whole book."""

import re
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tests.hooks import hook
from tests.paper import alone, lines
from tools import build_site, downloads, printing
from tools.console import ROOT

LINK = re.compile(r"\(?([\d.]+)\s(KB|MB)\)?")


# In the site


@pytest.mark.book
def test_every_download_is_there_and_as_large_as_its_link_says(site, pages):
    count = 0
    for name, soup in pages.items():
        for link in soup.find_all("a", download=True):
            file = ((site / name).parent / link["href"]).resolve()
            size = LINK.search(link.parent.get_text())
            assert size, f"{name}: {link['href']} without its size"
            assert downloads.shown(file.stat().st_size) == f"{size[1]} {size[2]}"
            count += 1
    snippets = list((site / "downloads").rglob("*.py"))
    assert count > len(snippets) > 100


@pytest.mark.book
def test_a_snippet_s_file_is_the_snippet(site):
    for path in (ROOT / "docs/snippets").rglob("*.py"):
        file = site / "downloads" / path.relative_to(ROOT / "docs/snippets")
        assert file.read_bytes() == path.read_bytes()


@pytest.mark.book
def test_a_notebook_begins_with_what_to_install(site):
    for lab in ROOT.glob("docs/labs/*.py"):
        notebook = nbformat.read(site / "downloads" / f"{lab.stem}.ipynb", as_version=4)
        assert "pip install" in notebook.cells[0].source


@pytest.mark.sweep
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_notebook_runs_where_it_was_downloaded_to(site, tmp_path):
    from nbclient import NotebookClient

    notebook = nbformat.read(site / "downloads/reading-gates.ipynb", as_version=4)
    NotebookClient(notebook, timeout=250, startup_timeout=250).execute(cwd=str(tmp_path))
    assert any(cell.get("outputs") for cell in notebook.cells)


# What makes the zip and the PDF


def test_what_was_made_of_another_state_is_not_offered(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# One\n")
    folder = tmp_path / ".cache" / downloads.FOLDER
    assert downloads.current(tmp_path) == []
    folder.mkdir(parents=True)
    (folder / downloads.PDF).write_bytes(b"%PDF")
    assert downloads.current(tmp_path) == []
    (folder / downloads.MARK).write_text(build_site.fingerprint(tmp_path))
    assert downloads.current(tmp_path) == [folder / downloads.PDF]
    (tmp_path / "docs/index.md").write_text("# Two\n")
    assert downloads.current(tmp_path) == []


def test_the_printed_page_has_the_styles_of_the_site(monkeypatch):
    offline = hook("offline")
    monkeypatch.setenv("OFFLINE", "true")
    output = '<link rel="stylesheet" href="assets/book.css"><link rel="preload" href="a.woff2">'
    page = SimpleNamespace(url=offline.START)
    found = offline.on_post_page(f"<head>{output}</head><article>x</article>", page, None)
    assert "preload" not in found
    assert offline._head == ['<link rel="stylesheet" href="assets/book.css">']
    assert offline._pages == {"index.html": "x"}


def test_one_state_makes_one_archive(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("one")
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        downloads.archive(tmp_path / "site", tmp_path / name / "book.zip")
        made.append((tmp_path / name / "book.zip").read_bytes())
        (tmp_path / "site/index.html").touch()
    assert made[0] == made[1]
    assert zipfile.ZipFile(tmp_path / "a/book.zip").namelist() == ["book/index.html"]


def test_the_printed_page_has_unique_names_and_links_within_itself():
    def page(title, uri):
        return SimpleNamespace(title=title, url=uri, file=SimpleNamespace(src_uri=uri))

    pages = {
        "a/one.html": '<h1 id="one">One<a class="headerlink" href="#one">¶</a></h1>'
        '<p id="here"><a href="two.html#here">there</a> <a href="https://example.org">out</a>'
        '<a href="../reference/numpy.html#LSTM">code</a> <a href="../index.html">start</a>'
        '<img src="../images/x.svg"><details><summary>S</summary></details></p>',
        "a/two.html": '<h1 id="two">Two</h1><p id="here"><a href="one.html">back</a></p>',
    }
    parts = [("Part", [page("1 · One", "a/one.html"), page("2 · Two", "a/two.html")])]
    text = hook("offline").printed("Book", parts, pages, [], "https://example.org/book/")
    soup = BeautifulSoup(text, "html.parser")
    names = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(names) == len(set(names))
    for link in soup.find_all("a", href=re.compile("^#")):
        assert link["href"][1:] in names
    outside = [link["href"] for link in soup.find_all("a", href=re.compile("^(?!#)"))]
    assert outside == [
        "https://example.org",
        "https://example.org/book/reference/numpy/#LSTM",
        "https://example.org/book/",
    ]
    nowhere = hook("offline").printed("Book", parts, pages, [], "")
    assert not BeautifulSoup(nowhere, "html.parser").find("a", href=re.compile("numpy|index"))
    assert soup.find("img")["src"] == "images/x.svg"
    assert soup.find("details").has_attr("open")
    numbered = printing.numbered(text, [3, 7])
    entries = BeautifulSoup(numbered, "html.parser").select(".print-contents a")
    assert [entry.get_text() for entry in entries] == ["1 · One3", "2 · Two7"]
    with pytest.raises(SystemExit, match="different chapters"):
        printing.numbered(text, [3])


# The zip and the PDF themselves


@pytest.fixture(scope="module")
def whole():
    """Return the folder with both, made if anything changed since."""
    if printing.find_browser() is None:
        pytest.skip("no Chromium")
    downloads.make(Path(sys.executable))
    return ROOT / ".cache" / downloads.FOLDER


@pytest.mark.sweep
@pytest.mark.timeout(1200)
def test_the_zip_opens_as_files_with_search_tabs_and_theme(whole, browser, tmp_path):
    with zipfile.ZipFile(whole / downloads.ZIP) as packed:
        packed.extractall(tmp_path)
    folder = tmp_path / Path(downloads.ZIP).stem
    context = browser.new_context()
    wrong = []
    context.on("requestfailed", lambda request: wrong.append(request.url))
    context.on(
        "request",
        lambda one: (
            None if one.url.startswith(("file:", "data:", "blob:")) else wrong.append(one.url)
        ),
    )
    page = context.new_page()
    page.goto((folder / "lstm/forget-gate.html").as_uri())
    page.locator(".tabbed-labels label", has_text="PyTorch").first.click()
    assert page.locator(".tabbed-set input:checked").first.evaluate(
        "e => document.querySelector(`label[for=${e.id}]`).textContent.trim()"
    ) == ("PyTorch")
    before = page.evaluate("document.body.dataset.mdColorScheme")
    for _ in range(2):  # from the system's theme to light, to dark
        page.locator("form[data-book=theme] label:not([hidden])").click()
    assert page.evaluate("document.body.dataset.mdColorScheme") != before
    page.locator(".md-search__input").click()
    page.keyboard.type("peephole")  # the search listens to keys
    found = page.locator(".md-search-result__link").first
    found.wait_for(timeout=60_000)
    assert found.get_attribute("href").startswith("file:")
    found.click()
    page.wait_for_url("**/*.html*")
    context.close()
    assert not wrong


@pytest.mark.sweep
@pytest.mark.timeout(1200)
def test_the_pdf_has_pages_an_outline_contents_and_working_math(whole):
    pages = PdfReader(whole / downloads.PDF).pages
    assert len(pages) > 150
    headings = printing.headings(whole / downloads.PDF)
    assert len(headings) > 200
    # The contents name the page that a chapter begins on, which bears that number at its foot.
    (number,) = (one.page for one in headings if one.title == "The forget gate")
    assert lines(pages[number - 1])[-1][1] == str(number)
    contents = "".join(page.extract_text() for page in pages[1:3])
    assert re.search(rf"The forget gate[\s.]*{number}\b", contents)
    # Formulas, both tabs, one after the other and each under its name, and the solutions.
    chapter = "".join(text for page in pages[number - 1 : number + 11] for _, text in lines(page))
    assert "σ" in chapter
    assert "NumPyfromrnn_book" in chapter
    assert "PyTorchfromrnn_book" in chapter
    assert "Solution" in chapter


@pytest.mark.sweep
@pytest.mark.timeout(1200)
def test_no_link_of_the_pdf_leads_to_the_disk_it_was_made_on(whole):
    reader = PdfReader(whole / downloads.PDF)
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", ())]
    addresses = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert len(links) > len(addresses) > 100
    assert not [one for one in addresses if not one.startswith(("https://", "http://", "mailto:"))]


@pytest.mark.sweep
@pytest.mark.timeout(1200)
def test_no_heading_ends_a_page_of_the_pdf(whole):
    assert not alone(whole / downloads.PDF, numbered=True)
