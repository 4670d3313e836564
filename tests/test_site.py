"""The built site: complete, self-contained, and not built at all where a page is wrong."""

import base64
import json
import os
import re
import textwrap
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup

import rnn_book
import rnn_book.numpy
from tests.forks import Forks
from tests.hooks import hook
from tests.parsed import texts

ROOT = Path(__file__).resolve().parent.parent

# What a browser fetches by itself, unlike a link that the reader follows.
FETCHED = {
    "img": ("src", "srcset"),
    "script": ("src",),
    "link": ("href",),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}
CODE = {"pre", "code", "script", "style", "annotation"}
NOT_FETCHED = {"canonical", "next", "prev", "alternate"}
IN_CSS = re.compile(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")


def is_foreign(address):
    return re.match(r"(?:[a-z]+:)?//", address, re.IGNORECASE) is not None


def addresses_in_css(text):
    return [one or other for one, other in IN_CSS.findall(text)]


def fetched(soup):
    """Return all addresses that opening a page makes a browser fetch."""
    found = []
    for name, attributes in FETCHED.items():
        for tag in soup.find_all(name):
            if name == "link" and NOT_FETCHED.intersection(tag.get("rel", [])):
                continue
            found += [tag[attribute] for attribute in attributes if tag.get(attribute)]
    for tag in soup.find_all("style"):
        found += addresses_in_css(tag.get_text())
    for tag in soup.find_all(style=True):
        found += addresses_in_css(tag["style"])
    return found


def report(problems):
    return "\n".join(problems)


# The site as it is


@pytest.mark.book
def test_every_source_is_a_page(site, pages):
    sources = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("docs/labs/*.py")]
    wanted = {
        source.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for source in sources
        if not {"_hooks", "snippets"}.intersection(source.relative_to(ROOT / "docs").parts)
    }
    built = {"index" if p == "index.html" else p.removesuffix("/index.html") for p in pages}
    assert built - {"404.html"} == wanted | {"about/changelog"}


@pytest.mark.book
def test_nothing_comes_from_a_third_party(site, pages):
    foreign = [
        f"{name}: {address}"
        for name, soup in pages.items()
        for address in fetched(soup)
        if is_foreign(address)
    ]
    for sheet in site.rglob("*.css"):
        foreign += [
            f"{sheet.relative_to(site)}: {address}"
            for address in addresses_in_css(sheet.read_text(encoding="utf-8"))
            if is_foreign(address)
        ]
    assert not foreign, report(foreign)


@pytest.mark.book
def test_what_lies_behind_the_pages_is_not_published(site):
    published = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    hidden = ("_hooks/", "snippets/", ".cache")
    taken = {name for name in published if name.startswith("downloads/")}
    assert not [n for n in published - taken if n.startswith(hidden) or n.endswith(".py")]


@pytest.mark.book
def test_every_link_within_the_site_leads_somewhere(site, pages):
    anchors = {
        name: {tag["id"] for tag in soup.find_all(id=True)}
        | {tag["name"] for tag in soup.find_all("a", attrs={"name": True})}
        for name, soup in pages.items()
    }
    broken = []
    for name, soup in pages.items():
        if name == "404.html":  # served under any address, so its links depend on the host
            continue
        for tag in soup.find_all("a", href=True):
            parts = urlsplit(tag["href"])
            if parts.scheme or parts.netloc:
                continue
            target = site / name
            if parts.path:
                target = (target.parent / unquote(parts.path)).resolve()
            if target.is_dir():
                target = target / "index.html"
            if not target.is_file():
                broken.append(f"{name}: {tag['href']}")
                continue
            ids = anchors.get(target.relative_to(site.resolve()).as_posix())
            if ids is not None and parts.fragment and unquote(parts.fragment) not in ids:
                broken.append(f"{name}: {tag['href']} (no such anchor)")
    assert not broken, report(broken)


@pytest.mark.book
def test_links_that_leave_the_site_are_encrypted(pages):
    plain = [
        f"{name}: {tag['href']}"
        for name, soup in pages.items()
        for tag in soup.find_all("a", href=True)
        if urlsplit(tag["href"]).scheme == "http"
    ]
    assert not plain, report(plain)


@pytest.mark.book
def test_every_formula_is_typeset(pages):
    left = []
    for name, soup in pages.items():
        article = soup.find("article")
        assert soup.find(class_="arithmatex") is None, name
        assert soup.find(class_="katex-error") is None, name
        words = "".join(texts(article, lambda tag: tag.name in CODE))
        left += [f"{name}: {found}" for found in re.findall(r"\$[^$\n]{0,40}|\\[a-z]{2,}", words)]
    assert not left, report(left)


@pytest.mark.book
def test_every_image_says_what_it_shows(pages):
    silent = [
        f"{name}: {tag['src'][:80]}"
        for name, soup in pages.items()
        for tag in soup.find("article").find_all("img")
        if not tag.get("alt", "").strip()
    ]
    assert not silent, report(silent)


@pytest.mark.book
def test_every_page_describes_itself_and_keeps_the_places_of_its_images(pages):
    wrong = []
    for name, soup in pages.items():
        if name == "404.html":
            continue
        first, _, second = soup.title.get_text().partition(" - ")
        description = soup.find("meta", attrs={"name": "description"})
        if first == second or not description or not description["content"].strip():
            wrong.append(f"{name}: {soup.title.get_text()}")
        images = soup.find("article").find_all("img")
        wrong += [f"{name}: {tag['src'][:80]}" for tag in images if not tag.get("width")]
    assert not wrong, report(wrong)


@pytest.mark.book
def test_no_line_of_code_is_longer_than_a_page_shows(pages):
    wrong = [
        f"{name}: {line}"
        for name, soup in pages.items()
        if not name.startswith("reference/")
        for code in soup.find("article").select("pre > code")
        if not code.find_parent(class_="long-lines")  # which is wrapped
        for line in code.get_text().split("\n")
        if len(line) > 80
    ]
    assert not wrong, report(wrong)


@pytest.mark.book
def test_every_figure_is_in_the_site(site):
    images = ROOT / "images"
    for path in images.rglob("*.svg"):
        copy = site / "images" / path.relative_to(images)
        assert copy.read_bytes() == path.read_bytes()


@pytest.mark.book
def test_every_public_name_has_its_reference(pages):
    documented = {
        tag["id"]
        for name, soup in pages.items()
        if name.startswith("reference/")
        for tag in soup.find_all(id=True)
    }
    for module in (rnn_book, rnn_book.numpy, pytest.importorskip("rnn_book.torch")):
        for name in module.__all__:
            one = getattr(module, name)
            home = getattr(one, "__module__", module.__name__)
            if home.startswith("rnn_book"):
                assert {f"{home}.{name}", f"{module.__name__}.{name}"} & documented, name


@pytest.mark.book
def test_every_lab_can_be_downloaded(site, pages):
    labs = list(ROOT.glob("docs/labs/*.py"))
    for lab in labs:
        soup = pages[f"labs/{lab.stem}/index.html"]
        link = soup.find("a", class_="lab-download")
        file = (site / "labs" / lab.stem / link["href"]).resolve()
        notebook = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        text = lab.read_text(encoding="utf-8")
        assert code
        assert all(source in text for source in code)


@pytest.mark.book
def test_no_lab_shows_a_progress_bar(pages, pytestconfig):
    labs = [soup for name, soup in pages.items() if name.startswith("labs/")]
    outputs = [tag.get_text() for soup in labs for tag in soup.select(".lab-output")]
    # `make check` runs changed labs alone.
    assert len(outputs) > 20 or pytestconfig.option.changed
    assert not [text for text in outputs if re.search(r"\d+%\||it/s|s/it|█", text)]


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


# Small sites of their own, with the hooks of the real one


def configure(folder, hooks, text):
    paths = [str(ROOT / "docs" / "_hooks" / f"{hook}.py") for hook in hooks]
    (folder / "mkdocs.yml").write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: docs\nwatch: []\nnav: null\n"
        f"hooks: {json.dumps(paths)}\n{text}"
    )


@pytest.fixture
def small(tmp_path):
    """Return the folder of a book of one page, with a bare theme, because that builds fast."""
    for name in ("docs/labs", "docs/snippets", "docs/reference", "images/lstm", "rnn_book/numpy"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "docs/index.md").write_text("# Small\n")
    (tmp_path / "docs/reference/numpy.md").write_text(
        "# Reference { #rnn_book.numpy.lstm.LSTMStep.step }\n"
    )
    (tmp_path / "images/lstm/cell.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "constraints.txt").write_text("numpy==2.0\n")
    (tmp_path / "rnn_book/numpy/lstm.py").write_text(LSTM)
    parts = ("logo", "favicon", "icon", "palette", "features", "font")
    bare = "".join(f", {part}: null" for part in parts)
    configure(
        tmp_path,
        ["assets", "listings", "numbering", "formulas"],
        f"theme: {{name: mkdocs{bare}}}\nextra_css: []\nplugins: []\n",
    )
    return tmp_path


@pytest.fixture
def with_lab(small):
    """Return the folder of a small book with a lab, and with the theme and plugins of the book."""
    configure(small, ["assets", "labs", "listings", "numbering", "formulas"], "plugins: [search]\n")
    (small / "docs/labs/small.py").write_text(LAB)
    return small


LSTM = '''\
class LSTMStep:
    """Docstring."""

    def step(self, c, f, i, g):
        """Docstring of
        the step.
        """
        a = (
            1,
            2,
        )
        c = f * c + i * g
        if c:
            h = c
        return c
'''

LAB = """\
# %% [markdown]
# # A small lab
#
# It belongs to [the page](../index.md), with $c_t$.

# %%
import sys, time
from tqdm import tqdm
for k in tqdm(range(3)):
    print(f"\\rstep {k}", end="", file=sys.stderr)

# %%
print("<b>", time.time_ns())

# %% alt="A line"
import matplotlib.pyplot as plt
plt.plot([1, 2]);
"""


@pytest.fixture(scope="module")
def build():
    """Return a function that tells whether a build succeeded, and what MkDocs said."""
    forks = Forks("mkdocs.commands.build", "material", "mkdocstrings", "jupytext", "nbclient")

    def build(small, *options, **variables):
        command = ["-m", "mkdocs", "build", "-f", small / "mkdocs.yml", *options]
        environment = os.environ | {"SITE_URL": "", "REPO_URL": ""} | variables
        done = forks.run(command, ROOT, environment)
        return done.returncode == 0, done.stdout + done.stderr

    yield build
    forks.close()


def page(small, text):
    (small / "docs/index.md").write_text(text)


def built(small, name="index.html"):
    return BeautifulSoup((small / "site" / name).read_text(encoding="utf-8"), "html.parser")


GOOD = """\
# Small

Inline $x_t$, and

$$
\\fgate_t = \\sigma(a)
$$

![A cell](images/lstm/cell.svg)

=== "NumPy"

    ```package
    rnn_book.numpy.lstm:LSTMStep.step
    a =
    return c
    ```
"""


def test_a_small_site_builds(small, build):
    page(small, GOOD)
    passed, said = build(small, "--strict")
    assert passed, said
    soup = built(small)
    assert len(soup.select("span.formula .katex")) == 1
    assert soup.select_one("span.formula .tied > .katex-base:last-child")  # with the comma after it
    assert not soup.select("div.formula .tied")
    assert soup.select_one("div.formula .fgate").get_text() == "f"
    assert soup.select_one("pre code").get_text() == "a = (\n    1,\n    2,\n)\n...\nreturn c\n"
    source = soup.find("a", string="rnn_book/numpy/lstm.py:8")["href"]
    assert source == "reference/numpy/#rnn_book.numpy.lstm.LSTMStep.step"
    assert (small / "site/images/lstm/cell.svg").exists()


def test_a_listing_of_a_private_method_links_to_its_class():
    page = SimpleNamespace(file=SimpleNamespace(src_uri="lstm/x.md"))
    config = SimpleNamespace(extra={})
    path = "rnn_book/numpy/sequence.py"
    links = {
        "sequence:Sweep.forward": "sequence.Sweep.forward",
        "sequence:Sweep._keep": "sequence.Sweep",
        "sequence:Sweep.__init__": "sequence.Sweep",
    }
    for name, anchor in links.items():
        link = hook("listings")._address(f"rnn_book.numpy.{name}", path, 1, 2, page, config)
        assert link == f"../reference/numpy.md#rnn_book.numpy.{anchor}"


def test_the_addresses_come_from_the_environment(with_lab, build):
    page(with_lab, GOOD)
    addresses = {"SITE_URL": "https://book.example/x/", "REPO_URL": "https://git.example/book"}
    passed, said = build(with_lab, "--strict", **addresses)
    assert passed, said
    soup = built(with_lab)
    assert soup.find("link", rel="canonical")["href"] == "https://book.example/x/"
    links = {tag["href"] for tag in soup.find_all("a", href=True)}
    assert "https://git.example/book/blob/main/rnn_book/numpy/lstm.py#L8-L15" in links
    assert "https://git.example/book" in links
    # Material would ask the repository's host for stars.
    assert not soup.select("[data-md-component=source]")
    # Formulas would be in the index three times over, glyph by glyph.
    assert "sigma" not in (with_lab / "site/search/search_index.json").read_text()
    notebook = nbformat.read(with_lab / "site/downloads/small.ipynb", as_version=4)
    assert "[the page](https://book.example/x/)" in notebook.cells[1].source


def test_below_a_step_stands_whether_its_lines_run(small):
    what_runs = hook("listings")._what_runs
    assert what_runs(small, "rnn_book.numpy.lstm:LSTMStep.step") == ". These lines run."
    assert what_runs(small, "rnn_book.numpy.lstm:LSTMStep") == ""
    (small / "rnn_book/torch").mkdir()
    (small / "rnn_book/torch/lstm.py").write_text(LSTM)
    step = "rnn_book.torch.lstm:LSTMStep.step"
    assert what_runs(small, step) == ". These lines run."
    (small / "rnn_book/torch/lstm.py").write_text(f"{LSTM}\nKERNELS[LSTMStep] = LSTMKernel\n")
    assert "`layer.fast = False` runs these lines" in what_runs(small, step)


def test_of_the_steps_of_torchs_own_layers_alone_something_faster_runs():
    faster = {
        f"{path.stem}:{name}"
        for path in (ROOT / "rnn_book/torch").glob("*.py")
        for name in re.findall(r"^class (\w+Step)\b", path.read_text(), re.MULTILINE)
        if "fast" in hook("listings")._what_runs(ROOT, f"rnn_book.torch.{path.stem}:{name}.step")
    }
    assert faster == {"rnn:RNNStep", "lstm:LSTMStep", "gru:GRUStep"}


def figure(name, words="What to see."):
    return f"![A cell](images/lstm/cell.svg)\n\n/// figure-caption | #{name}\n{words}\n///\n"


def test_figures_and_equations_have_numbers_and_links_say_them(small, build):
    page(
        small,
        f"# Small\n\n{figure('fig-one')}\n{figure('fig-two', 'With $c_t$.')}\n"
        "See [Figure](#fig-two), [Figure](other.md#fig-one) and [Equation](other.md#eq-second).\n",
    )
    folded = textwrap.indent(figure("fig-one"), "    ")
    (small / "docs/other.md").write_text(
        f"# Other\n\nSee [Equation](#eq-second); [figure](index.md#fig-two) is no reference.\n\n"
        f'??? note "Folded"\n\n{folded}\n'
        "$$ a $$\n\n$$\nb \\label{eq-first}\n$$\n\n"
        "$$\n\\begin{aligned}\nc &= d\n\\label{eq-second}\n\\end{aligned}\n$$\n"
    )
    passed, said = build(small, "--strict")
    assert passed, said
    soup, other = built(small), built(small, "other/index.html")
    captions = [caption.get_text().strip() for caption in soup.select("figure > figcaption")]
    assert captions[0] == "Figure 1. What to see."
    assert captions[1].startswith("Figure 2. With ")
    assert soup.select_one("#fig-two figcaption .formula .katex")
    links = {tag["href"]: tag.get_text() for tag in soup.select("p > a[href*='#']")}
    assert links == {
        "#fig-two": "Figure 2",
        "other/#fig-one": "Figure 1",
        "other/#eq-second": "Equation 2",
    }
    assert other.select_one("details figure#fig-one figcaption")
    assert len(other.select("div.formula")) == 3
    numbers = {one["id"]: one.select_one(".number").get_text() for one in other.select(".numbered")}
    assert numbers == {"eq-first": "(1)", "eq-second": "(2)"}
    assert [tag.get_text() for tag in other.select("h1 ~ p > a")] == ["Equation 2", "figure"]


FAULTS = {
    "formula": ("Here: $\\frac{1}{$.\n", "the formula $\\frac{1}{$ does not parse"),
    "display": ("$$\n\\nosuch{x}\n$$\n", "the formula $\\nosuch{x}$ does not parse"),
    "letter": ("$\\text{a} ü$\n", "does not parse"),
    "heading": ("## About $x_t$\n", "a heading holds a formula"),
    "module": ("```package\nrnn_book.nosuch:LSTM\n```\n", "there is no module rnn_book.nosuch"),
    "object": ("```package\nrnn_book.numpy.lstm:LSTMStep.go\n```\n", "there is no go"),
    "line": (
        '=== "NumPy"\n\n    ```package\n    rnn_book.numpy.lstm:LSTMStep.step\n    z =\n    ```\n',
        "rnn_book.numpy.lstm:LSTMStep.step has no line (left) that begins with 'z ='",
    ),
    "order": (
        "```package\nrnn_book.numpy.lstm:LSTMStep.step\nreturn c\nc = f\n```\n",
        "no line (left) that begins with 'c = f'",
    ),
    "reference": ("See [Figure](#fig-nosuch).\n", "there is no figure with that name"),
    "kind": (f"See [Equation](#fig-a).\n\n{figure('fig-a')}", "there is no equation with that"),
    "figures": (f"{figure('fig-a')}\n{figure('fig-a')}", "two figures have the id fig-a"),
    "label": ("$$ a \\label{cell} $$\n", "the label cell is not"),
    "labels": ("$$ a \\label{eq-a} $$\n\n$$ b \\label{eq-a} $$\n", "the label eq-a is not"),
    "inline": ("Here: $a \\label{eq-a}$.\n", "does not parse"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_on_a_page_fails_the_build(small, name, build):
    text, words = FAULTS[name]
    page(small, f"# Small\n\n{text}")
    passed, said = build(small)
    assert not passed
    assert "index.md: " in said, said
    assert words in said, said


NOT_IN_THE_REFERENCE = "```package\nrnn_book.numpy.lstm:LSTMStep\n```"


@pytest.mark.parametrize(
    "link", ["[x](nosuch.md)", "[x](index.md#nosuch)", "[x](/absolute)", NOT_IN_THE_REFERENCE]
)
def test_a_broken_link_fails_the_strict_build(small, link, build):
    page(small, f"# Small\n\n{link}\n")
    passed, said = build(small, "--strict")
    assert not passed
    assert "index.md" in said, said


def test_a_lab_is_a_page_like_any_other(with_lab, build):
    passed, said = build(with_lab, "--strict")
    assert passed, said
    soup = built(with_lab, "labs/small/index.html")
    outputs = [tag.get_text().strip() for tag in soup.select(".lab-output code")]
    assert outputs[0] == "step 2"
    assert outputs[1].startswith("<b> ")
    assert soup.find("h1").find(string=True) == "A small lab"
    assert soup.find("a", string="the page")["href"] == "../../"
    assert soup.select_one(".formula .katex")
    assert soup.select_one(".lab-plot img")["alt"] == "A line"
    kind, _, data = soup.select_one(".lab-plot img")["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert b"prefers-color-scheme: dark" in base64.b64decode(data)
    assert not soup.select(".jp-Notebook, style[type='text/css']")
    assert len((with_lab / "site/labs/small/index.html").read_bytes()) < 100_000


def test_a_lab_runs_again_when_the_package_changes(with_lab, build):
    plots = []

    def when():
        passed, said = build(with_lab)
        assert passed, said
        soup = built(with_lab, "labs/small/index.html")
        plots.append(soup.select_one(".lab-plot img")["src"])
        return soup.select(".lab-output code")[1].get_text()

    first = when()
    assert when() == first
    # Torn caches, as a full disk or a power cut leaves them, are made anew.
    caches = [*with_lab.glob(".cache/labs/*/*.ipynb"), *with_lab.glob(".cache/formulas/*.json")]
    assert len(caches) == 2
    for cache in caches:
        cache.write_text(cache.read_text()[:50])
    second = when()
    assert second != first
    assert built(with_lab, "labs/small/index.html").select_one(".formula .katex")
    assert all(json.loads(cache.read_text()) for cache in caches)
    assert when() == second
    with open(with_lab / "rnn_book/numpy/lstm.py", "a") as file:
        file.write("\nX = 1\n")
    assert when() != second
    assert len(set(plots)) == 1  # as drawn, at every build


def test_npm_packages_that_are_not_whole_are_installed_anew(tmp_path, monkeypatch):
    node = hook("node")
    lock = {"packages": {"": {}, "node_modules/katex": {}, "node_modules/fonts": {}}}
    for name, text in (("package.json", "{}"), ("package-lock.json", json.dumps(lock))):
        (tmp_path / name).write_text(text)
    (tmp_path / ".npmrc").write_text("")
    installed = []

    def npm(*arguments, cwd):
        for name in ("katex", "fonts"):
            (Path(cwd) / "node_modules" / name).mkdir(parents=True)
            (Path(cwd) / "node_modules" / name / "package.json").write_text("{}")
        installed.append(arguments[0])

    for name, value in (("ROOT", tmp_path), ("MODULES", tmp_path / "node_modules"), ("_npm", npm)):
        monkeypatch.setattr(node, name, value)
    monkeypatch.setattr(node, "CACHE", tmp_path / ".cache")
    for damage in (
        lambda: None,
        lambda: (tmp_path / "node_modules/katex/package.json").unlink(),
        lambda: (tmp_path / "node_modules" / node.STAMP).write_bytes(b"\xff\xfe"),
    ):
        damage()
        node.install()
        node.install()
    assert installed == ["ci"] * 3
    assert node._is_complete()


def test_a_lab_runs_again_when_what_it_depends_on_changes(small, monkeypatch):
    labs = hook("labs")
    digest = labs._digest
    before = digest(small)
    (small / "docs/index.md").write_text("# Changed\n")
    assert digest(small) == before
    (small / "constraints.txt").write_text("numpy==2.1\n")
    constraints = digest(small)
    (small / "rnn_book/new.py").write_text("")
    new = digest(small)
    (small / "rnn_book/new.py").rename(small / "rnn_book/other.py")
    renamed = digest(small)
    monkeypatch.setitem(labs.VARIABLES, "SHOWN", "1")
    assert len({before, constraints, new, renamed, digest(small)}) == 5


@pytest.mark.parametrize("line", ["experiments import colours", "experiments.colours import INK"])
def test_a_lab_depends_on_what_it_imports_of_the_experiments(small, line):
    digest = hook("labs")._digest
    experiments = small / "rnn_book/experiments"
    experiments.mkdir(exist_ok=True)
    (small / "docs/labs").mkdir(exist_ok=True)
    (small / "docs/labs/small.py").write_text(f"from rnn_book.{line}\n")
    before = digest(small)
    (experiments / "colour.py").write_text("")
    assert digest(small) == before
    (experiments / "colours.py").write_text("")
    assert digest(small) != before


def test_a_lab_cell_that_raises_fails_the_build(with_lab, build):
    # Not even strict: a lab asserts what it claims.
    (with_lab / "docs/labs/small.py").write_text(LAB + "\n# %%\nraise RuntimeError('planted')\n")
    passed, said = build(with_lab)
    assert not passed
    assert "labs/small.py: the lab fails" in said
    assert "RuntimeError: planted" in said


def test_a_plot_without_alt_text_fails_the_strict_build(with_lab, build):
    (with_lab / "docs/labs/small.py").write_text(LAB.replace(' alt="A line"', ""))
    passed, said = build(with_lab, "--strict")
    assert not passed
    assert "labs/small.py: a plot has no alt text" in said


# Excerpts of the package


@pytest.mark.parametrize(
    "name, wanted, first, last, code",
    [
        ("LSTMStep.step", ["c = f"], 12, 12, "c = f * c + i * g"),
        ("LSTMStep.step", ["c = f", "if c", "h ="], 12, 14, "c = f * c + i * g\nif c:\n    h = c"),
        ("LSTMStep.step", ["if c", "return"], 13, 15, "if c:\n    ...\nreturn c"),
        (
            "LSTMStep.step",
            ["def", "return c"],
            4,
            15,
            "def step(self, c, f, i, g):\n    ...\n    return c",
        ),
    ],
)
def test_an_excerpt_holds_whole_statements(small, name, wanted, first, last, code):
    found = hook("listings").excerpt(small, f"rnn_book.numpy.lstm:{name}", wanted)
    assert found == ("rnn_book/numpy/lstm.py", first, last, code)


def test_an_object_is_shown_whole_without_its_docstring(small):
    *_, code = hook("listings").excerpt(small, "rnn_book.numpy.lstm:LSTMStep.step", [])
    assert code.startswith("def step(self, c, f, i, g):\n    a = (\n")
    assert code.endswith("return c")
    assert "Docstring" not in code
