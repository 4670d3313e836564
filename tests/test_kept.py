"""What a build keeps of the one before: nothing of it differs from what would be made anew."""

import os
import shutil
from pathlib import Path

import pytest

from tests.forks import Forks

ROOT = Path(__file__).resolve().parent.parent
HOOKS = ROOT / "docs" / "_hooks"

# A page of each kind, in the theme and with the plugins of the book.
SETTINGS = f"""\
site_name: Small
docs_dir: docs
site_url: !ENV [SITE_URL, ""]
theme: {{name: material, font: false, custom_dir: theme}}
plugins:
  - search
  - mkdocstrings: {{handlers: {{python: {{paths: ["."], options: {{docstring_style: numpy}}}}}}}}
hooks: [{HOOKS}/kept.py]
exclude_docs: /snippets/
markdown_extensions:
  - pymdownx.superfences
  - pymdownx.snippets: {{base_path: [docs/snippets], check_paths: true}}
validation: {{links: {{not_found: warn, anchors: warn}}}}
nav: [index.md, other.md, reference.md]
"""
FILES = {
    "mkdocs.yml": SETTINGS,
    "docs/index.md": '# Index\n\nTo [the other](other.md#here).\n\n--8<-- "one.md"\n',
    "docs/other.md": "# Other\n\n## Here\n\nAn instance of [Thing][package.Thing].\n",
    "docs/reference.md": "# Reference\n\n::: package\n",
    "docs/snippets/one.md": '```python\n--8<-- "two.py"\n```\n',
    "docs/snippets/two.py": "first = 1\n",
    "package/__init__.py": '"""A package."""\n\n\nclass Thing:\n    """The first words."""\n',
    "theme/partials/footer.html": "<footer>first</footer>\n",
}


@pytest.fixture(scope="module")
def build():
    """Return a function that builds a book, and gives back what that said and what it wrote."""
    forks = Forks(
        "mkdocs.commands.build", "material", "mkdocstrings", "mkdocstrings_handlers.python"
    )

    def build(book, **variables):
        command = ["-m", "mkdocs", "build", "--strict", "-f", book / "mkdocs.yml"]
        done = forks.run(command, book, os.environ | {"SITE_URL": ""} | variables)
        site = book / "site"
        files = {
            path.relative_to(site).as_posix(): path.read_bytes()
            for path in sorted(site.rglob("*"))
            # These hold the day of the build.
            if path.is_file() and not path.name.startswith("sitemap.xml")
        }
        return done.returncode == 0, done.stdout + done.stderr, files

    yield build
    forks.close()


@pytest.fixture(scope="module")
def first(build, tmp_path_factory) -> tuple[Path, dict[str, bytes]]:
    """Return a book that was built once, and the files that were written."""
    book = tmp_path_factory.mktemp("first")
    for name, text in FILES.items():
        (book / name).parent.mkdir(parents=True, exist_ok=True)
        (book / name).write_text(text)
    passed, said, files = build(book)
    assert passed, said
    return book, files


@pytest.fixture
def book(first, tmp_path) -> Path:
    """Return a copy of it."""
    return shutil.copytree(first[0], tmp_path / "book")


def made(book) -> set[str]:
    return {path.name for path in (book / ".cache/pages").glob("*.json")}


def test_a_second_build_makes_nothing_anew_and_is_the_same_to_the_byte(first, book, build):
    kept = made(book)
    assert {name.partition("-")[0] for name in kept} == {"text", "search", "whole"}
    assert len(kept) == 9
    passed, said, second = build(book)
    assert passed, said
    assert made(book) == kept
    assert second == first[1]
    assert b'href="../reference/#package.Thing"' in second["other/index.html"]


def replaced(name, old, new):
    return lambda book: (book / name).write_text((book / name).read_text().replace(old, new))


CHANGES = {
    "text": (replaced("docs/index.md", "To [", "Over to ["), "index.html", b"Over to"),
    "snippet in a snippet": (replaced("docs/snippets/two.py", "1", "2"), "index.html", b">2<"),
    "docstring": (
        replaced("package/__init__.py", "first words", "second words"),
        "reference/index.html",
        b"The second words.",
    ),
    "title of another page": (
        replaced("docs/other.md", "# Other", "# Another"),
        "index.html",
        b"Another",
    ),
    "address of another page": (
        lambda book: [
            (book / "docs/other.md").rename(book / "docs/moved.md"),
            replaced("docs/index.md", "other.md", "moved.md")(book),
            replaced("mkdocs.yml", "other.md", "moved.md")(book),
        ],
        "reference/index.html",
        b'href="../moved/"',
    ),
    "name of the site": (
        replaced("mkdocs.yml", "name: Small", "name: Large"),
        "other/index.html",
        b"Large",
    ),
    "option of Markdown": (
        replaced("mkdocs.yml", "superfences", "superfences\n  - toc: {permalink: true}"),
        "other/index.html",
        b'class="headerlink"',
    ),
    "template of the theme": (
        replaced("theme/partials/footer.html", "first", "second"),
        "other/index.html",
        b"<footer>second",
    ),
    "front matter": (
        replaced("docs/other.md", "# Other", "---\ndescription: A word\n---\n# Other"),
        "other/index.html",
        b'content="A word"',
    ),
    "boost in the search": (
        replaced("docs/other.md", "# Other", "---\nsearch: {boost: 7}\n---\n# Other"),
        "search/search_index.json",
        b'"boost":7',
    ),
}


QUICK = {"text", "snippet in a snippet", "docstring"}
CASES = [
    pytest.param(change, id=name, marks=() if name in QUICK else pytest.mark.sweep)
    for name, change in CHANGES.items()
]


@pytest.mark.parametrize("change", CASES)
def test_what_changes_is_seen_as_in_a_build_from_nothing(first, book, build, change):
    edit, file, wanted = change
    assert wanted not in first[1][file]
    edit(book)
    passed, said, after = build(book)
    assert passed, said
    assert wanted in after[file]
    shutil.rmtree(book / ".cache")
    assert build(book)[2] == after


def test_an_address_in_the_environment_is_part_of_a_page(book, build):
    _, _, files = build(book, SITE_URL="https://example.org/book/")
    assert b'href="https://example.org/book/other/"' in files["other/index.html"]


def test_a_warning_comes_again_with_every_build(book, build):
    page = book / "docs/index.md"
    page.write_text("# Index\n\nTo [nowhere](nowhere.md).\n")
    for _ in range(2):
        passed, said, _ = build(book)
        assert not passed
        assert "nowhere.md" in said


def test_a_link_to_an_anchor_that_is_gone_warns_though_its_own_page_is_unchanged(book, build):
    replaced("docs/other.md", "## Here", "## There")(book)
    passed, said, _ = build(book)
    assert not passed
    assert "#here" in said


def test_a_torn_file_is_made_anew(first, book, build):
    for path in (book / ".cache/pages").glob("*.json"):
        path.write_text(path.read_text()[:20])
    passed, said, second = build(book)
    assert passed, said
    assert second == first[1]
