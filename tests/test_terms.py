"""Nothing before its time: no chapter uses a term before the page that explains it."""

import re
from pathlib import Path

import pytest

from tests import markdown

ROOT = Path(__file__).resolve().parent.parent

# Terms that are also everyday words, and are used as such before their page.
EVERYDAY = {
    "Carry": "one carries a number through a verse before a cell has a carry",
    "Window": "a window of the last numbers, and the one that cars pass",
    "Update": "any change",
    "State": "the state of anything",
    "Candidate": "one of two to choose from",
    "Temperature": "of the air",
    "Lengths": "of vectors and of texts",
    "Evaluation": "of a formula",
}
EXCEPTIONS = "early"  # in a page's front matter: term -> why it is needed there already


def order(root):
    """Return the chapters in the order of the navigation."""
    text = (root / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r"^ +- .*?([\w/-]+\.md)$", text.split("\nnav:\n")[1], re.MULTILINE)
    return [page for page in named if page.split("/")[0] in markdown.PARTS]


def glossary(root):
    """Return term -> pages that explain it, of docs/reference/glossary.md."""
    entries = markdown.glossary(root)
    return {word: re.findall(r"\]\(\.\./([^)#]+)", meaning) for word, meaning in entries}


def sentences(page):
    """Return a page's sentences, without code, formulas, and what is for further reading."""
    text = markdown.prose(markdown.front_matter(page)[1]).split("\n## Further reading")[0]
    for plain in (r"\$\$.*?\$\$", r"\$[^$]*\$", r"`[^`]*`"):
        text = re.sub(plain, "…", text, flags=re.DOTALL)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return [one for part in paragraphs for one in re.split(r"(?<=[.!?:])\s", part)]


def uses(sentence, term):
    """Tell whether a sentence uses one of a glossary entry's names outside of a link."""
    bare = re.sub(r"(?<!!)\[[^\]]*\]\([^)]*\)", "", sentence)
    names = [name.strip() for name in term.split(",")]
    # Of an abbreviation the capitals count: a gru is a bird.
    free = "|".join(
        re.escape(name) if name.isupper() else f"(?i:{re.escape(name)})" for name in names
    )
    return bool(re.search(rf"(?<![\w-])({free})(s|es|ed)?(?![\w-])", bare))


def exceptions(page):
    return markdown.front_matter(page)[0].get(EXCEPTIONS, {})


def early(root):
    """Return every use of a term on a page before all that explain it, each a sentence."""
    pages, terms = order(root), glossary(root)
    found = []
    for place, name in enumerate(pages):
        page = (root / "docs" / name).read_text(encoding="utf-8")
        excused = exceptions(page)
        found += [
            f"{name}: {term} is no term of a later page" for term in excused if term not in terms
        ]
        for term, homes in terms.items():
            later = [home for home in homes if home in pages]
            if term in EVERYDAY or term in excused or not later or len(later) < len(homes):
                continue
            if min(map(pages.index, later)) <= place:
                continue
            found += [
                f"{name}: '{term}' comes before {later[0]}: {one[:90]}"
                for one in sentences(page)
                if uses(one, term) and not ("](" in one and "later" in one.lower())
            ]
    return found


@pytest.mark.book
def test_no_term_comes_before_the_page_that_explains_it():
    assert len(order(ROOT)) > 25
    assert len(glossary(ROOT)) > 80
    assert early(ROOT) == []


@pytest.mark.book
def test_everyday_words_are_terms_of_the_glossary():
    assert set(EVERYDAY) <= set(glossary(ROOT))
    assert all(len(reason.split()) > 1 for reason in EVERYDAY.values())


@pytest.mark.book
def test_an_exception_has_a_reason():
    for name in order(ROOT):
        for term, reason in exceptions((ROOT / "docs" / name).read_text(encoding="utf-8")).items():
            assert len(str(reason).split()) > 2, f"{name}: {term}"


# Planted books


@pytest.fixture
def book(tmp_path):
    def write(first):
        (tmp_path / "docs/lstm").mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs/reference").mkdir(exist_ok=True)
        (tmp_path / "mkdocs.yml").write_text(
            "x: 1\nnav:\n  - LSTM:\n      - 1 · A: lstm/a.md\n      - 2 · B: lstm/b.md\n"
        )
        (tmp_path / "docs/reference/glossary.md").write_text(
            "# Glossary\n\nForget gate\n:   keeps. [B](../lstm/b.md).\n\n"
            "GRU, gated unit\n:   a cell. [B](../lstm/b.md).\n"
        )
        (tmp_path / "docs/lstm/a.md").write_text(first)
        (tmp_path / "docs/lstm/b.md").write_text("# B\n\nThe forget gate of a GRU.\n")
        return early(tmp_path)

    return write


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\nIt has forget gates.\n",
        "# The forget gate\n",
        "# A\n\n![a forget gate](x.svg)\n",
        "# A\n\nFirst a line,\nthen a gated\nunit.\n",
        "# A\n\nThe GRU, and [a link](b.md).\n",
    ],
)
def test_a_term_before_its_page_is_found(book, text):
    found = book(text)
    assert len(found) == 1
    assert "comes before lstm/b.md" in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\nNothing of it, and no gru.\n",
        "# A\n\nA later page has [the forget gate](b.md).\n",
        "# A\n\nThe forget gate comes later, see [B](b.md).\n",
        "# A\n\n```python\nforget gate\n```\n\nAnd $\\text{forget gate}$, `GRU`.\n",
        "# A\n\nSee below.\n\n## Further reading\n\n- The forget gate.\n",
        "---\nearly:\n  Forget gate: needed for the story\n---\n# A\n\nThe forget gate.\n",
    ],
)
def test_what_is_not_a_use_is_not_found(book, text):
    assert book(text) == []
